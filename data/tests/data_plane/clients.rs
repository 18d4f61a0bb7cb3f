//! Clients that stall and flood: the server cuts them off and goes on.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use mutirao_data::serve::{Limits, ReadOnly};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
	time::{sleep, timeout, Instant},
};

use crate::{
	plane::raw,
	support::{bytes, serve, store_with, token, Jobs, Server, MIB},
};

fn limits() -> Limits {
	Limits {
		connections: 8,
		connections_per_address: 6,
		header: Duration::from_millis(400),
		request: Duration::from_millis(600),
		stall: Duration::from_millis(400),
		drain: Duration::from_millis(500),
	}
}

/// How long the server keeps a connection to which a client sends a byte now and then.
async fn patience(address: SocketAddr, begin: &str) -> Duration {
	let mut stream = TcpStream::connect(address).await.unwrap();
	let begun = Instant::now();
	stream.write_all(begin.as_bytes()).await.unwrap();
	let (mut read, mut write) = stream.into_split();
	let drip = tokio::spawn(async move {
		while write.write_all(b"a").await.is_ok() {
			sleep(Duration::from_millis(40)).await;
		}
	});
	// Whether it closes in order or cuts is all the same.
	let _ = timeout(Duration::from_secs(8), read.read_to_end(&mut Vec::new())).await;
	drip.abort();
	begun.elapsed()
}

async fn healthy(server: &Server) -> bool {
	let request = "GET /v1/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
	raw(server.address, request).await.0.starts_with("http/1.1 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_bodies_and_idle_connections_are_cut() {
	let (_folder, store, id) = store_with(&bytes(MIB, 1));
	let server = serve(&store, Jobs::one(1, &[id]), limits()).await;
	let slow_head = "GET /v1/health HTTP/1.1\r\nx: ";
	let body = format!(
		"PUT /v1/jobs/1/sources HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\ncontent-length: 9000\r\n\r\n[",
		token(1).header()
	);
	let idle = "GET /v1/health HTTP/1.1\r\nhost: a\r\n\r\n";
	for (name, begin) in [("head", slow_head), ("body", &body), ("idle", idle)] {
		let kept = patience(server.address, begin).await;
		assert!(kept < Duration::from_secs(3), "{name}: {kept:?}");
		assert!(kept > Duration::from_millis(300), "{name}: {kept:?}");
	}
	assert!(healthy(&server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_is_cut() {
	let (_folder, store, id) = store_with(&bytes(64 * MIB, 1));
	let server = serve(&store, Arc::new(ReadOnly), limits()).await;
	let mut stream = TcpStream::connect(server.address).await.unwrap();
	let path = hex::encode(id.hash);
	let request = format!("GET /v1/buffers/{path} HTTP/1.1\r\nhost: a\r\n\r\n");
	stream.write_all(request.as_bytes()).await.unwrap();
	sleep(Duration::from_millis(1500)).await;
	let mut all = Vec::new();
	let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut all)).await.unwrap();
	assert!(read.is_err() || all.len() < 64 * MIB, "the rest did not come");
	assert!(healthy(&server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_allowed_are_closed() {
	let (_folder, store, _) = store_with(b"a");
	let server = serve(&store, Arc::new(ReadOnly), limits()).await;
	let mut open = Vec::new();
	for _ in 0..20 {
		open.push(TcpStream::connect(server.address).await.unwrap());
	}
	sleep(Duration::from_millis(100)).await;
	let mut closed = 0;
	for stream in &mut open {
		let read = timeout(Duration::from_millis(20), stream.read(&mut [0])).await;
		closed += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
	}
	assert_eq!(closed, 14, "six from one address may stay");
	sleep(Duration::from_millis(600)).await;
	assert!(healthy(&server).await, "those that said nothing are gone by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_it_is_read() {
	let (_folder, store, id) = store_with(&bytes(MIB, 1));
	let server = serve(&store, Jobs::one(1, &[id]), limits()).await;
	let put = |path: &str, headers: &str| {
		format!("PUT {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n")
	};
	let piece = "/v1/jobs/1/inputs/0/pieces/0";
	let signed = format!("authorization: {}\r\n", token(1).header());
	let long = format!("{signed}content-length: 999999999\r\n");
	let (head, _) = raw(server.address, &put(piece, &long)).await;
	assert!(head.starts_with("http/1.1 413"), "{head}");
	// No body is ever sent: the answer does not wait for it.
	let (head, _) = raw(server.address, &put(piece, "content-length: 1000000\r\n")).await;
	assert!(head.starts_with("http/1.1 401") && head.contains("www-authenticate"), "{head}");
	let chunks = format!("{}{}", "4000\r\n", "a".repeat(0x4000)) + "\r\n" + "4000\r\n";
	let chunked = put("/v1/jobs/1/sources", &format!("{signed}transfer-encoding: chunked\r\n"));
	let (head, _) = raw(server.address, &(chunked + &chunks + "a")).await;
	assert!(head.starts_with("http/1.1 413"), "{head}");
	let header = format!("GET /v1/health HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(20_000));
	let (head, _) = raw(server.address, &header).await;
	assert!(head.starts_with("http/1.1 431"), "{head}");
}
