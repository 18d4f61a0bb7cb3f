//! Servers that lie, flood, stall and send elsewhere: a fetch ends in bounded time and names them,
//! and with one honest source beside them it succeeds.

use std::{future::Future, sync::Arc, time::Duration};

use axum::{
	extract::{Path, State},
	http::StatusCode,
	response::IntoResponse,
	routing::get,
	Router,
};
use codec::Encode;
use mutirao_commitment::BufferId;
use mutirao_data::{
	fetch::{FetchError, FetchOptions, Fetcher, SourceError},
	store::Stored,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	time::{sleep, timeout, Instant},
};

use crate::support::{bytes, fetcher, options, serve_all, store, store_with, MIB};

const QUIET: &(dyn Fn(u64) + Send + Sync) = &|_| {};

/// Answers each connection with what `behave` does after the first request.
async fn tcp<F>(behave: fn(TcpStream) -> F) -> String
where
	F: Future<Output = std::io::Result<()>> + Send + 'static,
{
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	tokio::spawn(async move {
		while let Ok((mut stream, _)) = listener.accept().await {
			tokio::spawn(async move {
				let mut request = [0; 4096];
				let _ = stream.read(&mut request).await;
				// The peer hangs up on what it does not like.
				let _ = behave(stream).await;
			});
		}
	});
	url
}

async fn truncated(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nabc").await
}

async fn silent(_stream: TcpStream) -> std::io::Result<()> {
	sleep(Duration::from_secs(60)).await;
	Ok(())
}

async fn dripping(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await?;
	loop {
		stream.write_all(b"a").await?;
		sleep(Duration::from_millis(50)).await;
	}
}

async fn endless(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
	let chunk = [b"10000\r\n".as_slice(), &[7; 0x10000], b"\r\n"].concat();
	loop {
		stream.write_all(&chunk).await?;
	}
}

async fn endless_head(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
	loop {
		stream.write_all(format!("x-a: {}\r\n", "a".repeat(1000)).as_bytes()).await?;
	}
}

async fn announced(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").await?;
	silent(stream).await
}

async fn garbage(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(&[0xff; 5000]).await
}

async fn endless_error(mut stream: TcpStream) -> std::io::Result<()> {
	stream.write_all(b"HTTP/1.1 403 No\r\n\r\n\x1b[2J").await?;
	loop {
		stream.write_all(&[b'a'; 5000]).await?;
	}
}

/// A server that answers each piece with what `answer` makes of the true one.
async fn pieces<R: IntoResponse + 'static>(
	stored: Stored,
	answer: fn(&Stored, u32) -> R,
) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	let piece = move |State(stored): State<Arc<Stored>>, Path((_, piece)): Path<(String, u32)>| async move {
		answer(&stored, piece)
	};
	let router = Router::new()
		.route("/v1/buffers/{hash}/pieces/{piece}", get(piece))
		.with_state(Arc::new(stored));
	tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
	url
}

fn flipped(stored: &Stored, piece: u32) -> Vec<u8> {
	let mut opening = stored.piece(piece).unwrap();
	// The first piece is true: a liar need not lie from the start.
	if piece > 0 {
		opening.bytes[12_345] ^= 1;
	}
	opening.encode()
}

fn other_piece(stored: &Stored, piece: u32) -> Vec<u8> {
	stored.piece((piece + 1) % 4).unwrap().encode()
}

fn short(stored: &Stored, piece: u32) -> Vec<u8> {
	let mut opening = stored.piece(piece).unwrap().encode();
	opening.truncate(opening.len() - 100);
	opening
}

fn long(stored: &Stored, piece: u32) -> Vec<u8> {
	let mut opening = stored.piece(piece).unwrap().encode();
	opening.push(0);
	opening
}

fn to_itself(_: &Stored, piece: u32) -> impl IntoResponse + use<> {
	(StatusCode::FOUND, [("location", format!("/v1/buffers/00/pieces/{piece}"))])
}

fn not_found(_: &Stored, _: u32) -> StatusCode {
	StatusCode::NOT_FOUND
}

fn failing(_: &Stored, _: u32) -> StatusCode {
	StatusCode::INTERNAL_SERVER_ERROR
}

type Expected = fn(&SourceError) -> bool;

/// All hostile servers, each with the error that names it.
async fn all(stored: &Stored) -> Vec<(&'static str, String, Expected)> {
	use SourceError::{Connection, Lie, Redirect, Status, TimedOut, TooLong};
	let s = || stored.clone();
	vec![
		("flipped", pieces(s(), flipped).await, |error| matches!(error, Lie(_))),
		("other piece", pieces(s(), other_piece).await, |error| matches!(error, Lie(_))),
		("short", pieces(s(), short).await, |error| matches!(error, Lie(_))),
		("long", pieces(s(), long).await, |error| matches!(error, Lie(_))),
		("redirect", pieces(s(), to_itself).await, |error| matches!(error, Redirect(302))),
		("404", pieces(s(), not_found).await, |error| matches!(error, Status { status: 404, .. })),
		("500", pieces(s(), failing).await, |error| matches!(error, Status { status: 500, .. })),
		("truncated", tcp(truncated).await, |error| matches!(error, Connection(_))),
		("garbage", tcp(garbage).await, |error| matches!(error, Connection(_))),
		("endless head", tcp(endless_head).await, |error| matches!(error, Connection(_))),
		("silent", tcp(silent).await, |error| matches!(error, TimedOut(_))),
		("dripping", tcp(dripping).await, |error| matches!(error, TimedOut(_))),
		("endless", tcp(endless).await, |error| matches!(error, TooLong(_))),
		("announced", tcp(announced).await, |error| matches!(error, TooLong(_))),
		("endless error", tcp(endless_error).await, |error| {
			matches!(error, Status { status: 403, .. })
		}),
	]
}

fn source() -> (tempfile::TempDir, mutirao_data::store::Store, BufferId, Vec<u8>) {
	let data = bytes(3 * MIB + 500, 1);
	let (folder, store, id) = store_with(&data);
	(folder, store, id, data)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hostile_server_alone_ends_the_fetch_in_time_and_is_named() {
	let (_folder, honest, id, _) = source();
	let servers = all(&honest.get(&id).unwrap().unwrap()).await;
	let fetches = servers.iter().map(|(name, url, expected)| async move {
		let (_folder, store) = store(1 << 30);
		let urls = [url.clone()];
		let fetcher = fetcher();
		let fetched = timeout(Duration::from_secs(10), fetcher.fetch(&id, &urls, &store, QUIET));
		match fetched.await.expect(name) {
			Err(FetchError::NoSource { sources, .. }) => {
				let [(found, error)] = &sources[..] else { panic!("{name}: {sources:?}") };
				assert!(found == url && expected(error), "{name}: {error}");
				assert!(!error.to_string().contains('\x1b') && error.to_string().len() < 700);
			}
			other => panic!("{name}: {other:?}"),
		}
		assert!(!store.contains(&id));
	});
	futures::future::join_all(fetches).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_hostile_server_spoils_a_fetch() {
	let (_folder, honest, id, data) = source();
	let servers = all(&honest.get(&id).unwrap().unwrap()).await;
	let server = serve_all(&honest).await;
	for (name, url, _) in &servers {
		let (_folder, store) = store(1 << 30);
		let urls = [url.clone(), server.url.clone()];
		let fetcher = fetcher();
		let fetched = timeout(Duration::from_secs(10), fetcher.fetch(&id, &urls, &store, QUIET));
		assert_eq!(fetched.await.expect(name).expect(name).bytes(), data, "{name}");
	}
	let (_folder, store) = store(1 << 30);
	let mut urls: Vec<String> = servers.into_iter().map(|(_, url, _)| url).collect();
	urls.push(server.url.clone());
	let stored = fetcher().fetch(&id, &urls, &store, QUIET).await.unwrap();
	assert_eq!(stored.bytes(), data);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_has_a_slowest_speed() {
	let (_folder, honest, id, _) = source();
	fn slow(stored: &Stored, piece: u32) -> Vec<u8> {
		std::thread::sleep(Duration::from_millis(700));
		stored.piece(piece).unwrap().encode()
	}
	let url = pieces(honest.get(&id).unwrap().unwrap(), slow).await;
	let options = FetchOptions {
		connections_per_source: 1,
		grace: Duration::from_millis(1200),
		min_bytes_per_second: 1 << 30,
		..options()
	};
	let (_other, store) = store(1 << 30);
	let begun = Instant::now();
	let fetcher = Fetcher::new(options).unwrap();
	let error = fetcher.fetch(&id, &[url], &store, QUIET).await.unwrap_err();
	assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
	assert!(begun.elapsed() < Duration::from_secs(3));
	let there = store.receive(id).unwrap().missing().unwrap();
	assert!(there.len() < 4, "what came in time stays");
}
