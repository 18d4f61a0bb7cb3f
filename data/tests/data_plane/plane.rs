//! Fetching over real sockets from servers that behave.

use std::sync::{
	atomic::{AtomicU64, Ordering},
	Arc,
};

use mutirao_commitment::BufferId;
use mutirao_data::{
	fetch::{FetchError, FetchOptions, Fetcher, SourceError},
	serve::{Limits, ReadOnly},
	store::Store,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

use crate::support::{bytes, fetcher, options, serve, serve_all, store, store_with, MIB};

const QUIET: &(dyn Fn(u64) + Send + Sync) = &|_| {};

/// Sends a request as it stands, and returns head and body of the answer.
pub(crate) async fn raw(address: std::net::SocketAddr, request: &str) -> (String, Vec<u8>) {
	let mut stream = TcpStream::connect(address).await.unwrap();
	stream.write_all(request.as_bytes()).await.unwrap();
	let mut answer = Vec::new();
	stream.read_to_end(&mut answer).await.unwrap();
	let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
	let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
	(head, answer[end + 4..].to_vec())
}

async fn get(address: std::net::SocketAddr, path: &str, headers: &str) -> (String, Vec<u8>) {
	let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n");
	raw(address, &request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn buffers_of_every_length_arrive() {
	for len in [0, 1, 1024, 16 * 1024 + 1, MIB - 1, MIB, MIB + 1, 7 * MIB + 4321] {
		let data = bytes(len, 1);
		let (_source, source, id) = store_with(&data);
		let (_folder, store) = store(1 << 30);
		let server = serve_all(&source).await;
		let seen = AtomicU64::new(0);
		let progress = |bytes| {
			assert!(bytes >= seen.fetch_max(bytes, Ordering::Relaxed));
		};
		let urls = [server.url.clone()];
		let stored = fetcher().fetch(&id, &urls, &store, &progress).await.unwrap();
		assert_eq!(stored.bytes(), data);
		assert_eq!(seen.load(Ordering::Relaxed), len as u64);
		drop(server);
		let again = fetcher().fetch(&id, &urls, &store, QUIET).await.unwrap();
		assert_eq!(again.bytes(), data, "what is there is not fetched again");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_goes_on_after_a_restart_with_another_source() {
	let data = bytes(8 * MIB, 1);
	let (_source, source, id) = store_with(&data);
	let source_pieces = source.get(&id).unwrap().unwrap();
	let (folder, store) = store(1 << 30);
	let partial = store.receive(id).unwrap();
	for piece in [1, 3, 4, 6] {
		partial.put(&source_pieces.piece(piece).unwrap()).unwrap();
	}
	drop((partial, store));
	let store = Store::open(folder.path(), 1 << 30).unwrap();
	let server = serve_all(&source).await;
	let first = AtomicU64::new(u64::MAX);
	let progress = |bytes| {
		let _ = first.fetch_min(bytes, Ordering::Relaxed);
	};
	let urls = [server.url.clone()];
	let stored = fetcher().fetch(&id, &urls, &store, &progress).await.unwrap();
	assert_eq!(stored.bytes(), data);
	assert_eq!(first.load(Ordering::Relaxed), 4 * MIB as u64, "half of it was there");
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_fetch_the_same_buffer_share_one_file() {
	let data = bytes(6 * MIB + 1, 1);
	let (_source, source, id) = store_with(&data);
	let (_folder, store) = store(1 << 30);
	let server = serve_all(&source).await;
	let urls = [server.url.clone()];
	let fetcher = fetcher();
	let tasks = (0..4).map(|_| fetcher.fetch(&id, &urls, &store, QUIET));
	for stored in futures::future::join_all(tasks).await {
		assert_eq!(stored.unwrap().bytes(), data);
	}
	assert_eq!((store.usage().buffers, store.usage().partials), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_is_the_errors_cause_and_no_source_is_blamed() {
	let (_source, source, id) = store_with(&bytes(2 * MIB, 1));
	let (_folder, small) = store(MIB as u64);
	let server = serve_all(&source).await;
	let urls = [server.url.clone()];
	let error = fetcher().fetch(&id, &urls, &small, QUIET).await.unwrap_err();
	assert!(matches!(error, FetchError::Store(_)), "{error}");
	assert_eq!(small.usage().used, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_by_number_and_by_name() {
	let (_source, source, id) = store_with(&bytes(1000, 1));
	let (_folder, store) = store(1 << 30);
	let server = serve_all(&source).await;
	let port = server.address.port();
	let strict = Fetcher::new(FetchOptions { allow_private: false, ..options() }).unwrap();
	let hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"];
	for host in hosts {
		let urls = [format!("http://{host}:{port}")];
		match strict.fetch(&id, &urls, &store, QUIET).await.unwrap_err() {
			FetchError::NoSource { sources, .. } => {
				assert!(
					matches!(sources[0].1, SourceError::Address(_)),
					"{host}: {:?}",
					sources[0]
				);
			}
			error => panic!("{host}: {error}"),
		}
	}
	let none = fetcher().fetch(&id, &[], &store, QUIET).await.unwrap_err();
	assert!(matches!(none, FetchError::NoSource { missing: 1, .. }), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_bytes_come_whole_and_in_ranges() {
	let data = bytes(MIB + 300, 1);
	let (_folder, store, id) = store_with(&data);
	let server = serve_all(&store).await;
	let path = format!("/v1/buffers/{}", hex::encode(id.hash));
	let (head, body) = get(server.address, &path, "").await;
	assert!(head.starts_with("http/1.1 200") && head.contains("accept-ranges: bytes"), "{head}");
	assert_eq!(body, data);
	let (head, body) = get(server.address, &path, "range: bytes=1000000-1000099\r\n").await;
	let range = format!("content-range: bytes 1000000-1000099/{}", data.len());
	assert!(head.starts_with("http/1.1 206") && head.contains(&range), "{head}");
	assert_eq!(body, data[1_000_000..1_000_100]);
	let (head, _) = get(server.address, &path, "range: bytes=99999999-\r\n").await;
	assert!(head.starts_with("http/1.1 416"), "{head}");
	assert!(head.contains(&format!("content-range: bytes */{}", data.len())), "{head}");
	let head_request = format!("HEAD {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
	let (head, body) = raw(server.address, &head_request).await;
	assert!(head.contains(&format!("content-length: {}", data.len())), "{head}");
	assert!(body.is_empty());
	let empty = store.put(&[]).unwrap();
	let path = format!("/v1/buffers/{}", hex::encode(empty.hash));
	let (head, body) = get(server.address, &path, "").await;
	assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 0"), "{head}");
	assert!(body.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_store() {
	let (folder, store, id) = store_with(&bytes(1000, 1));
	std::fs::write(folder.path().join("secret"), b"the secret").unwrap();
	let server = serve_all(&store).await;
	let hash = hex::encode(id.hash);
	let tricks = [
		"/v1/buffers/../secret".into(),
		"/v1/buffers/..%2fsecret".into(),
		"/v1/buffers/%2e%2e/secret".into(),
		"/v1/buffers/..%2f..%2f..%2fetc%2fpasswd".into(),
		"/v1/buffers//etc/passwd".into(),
		"/v1/../../etc/passwd".into(),
		format!("/v1/buffers/{hash}%00"),
		format!("/v1/buffers/{hash}/../../secret"),
		format!("/v1/buffers/{}", &hash[..63]),
		format!("/v1/buffers/{hash}0"),
		format!("/v1/buffers/{hash}/pieces/../0"),
		format!("/v1/buffers/{hash}/pieces/-1"),
		format!("/v1/buffers/{hash}/pieces/4294967296"),
		format!("/v1/buffers/{hash}/pieces/1"),
		format!("/v1/buffers/{}", "00".repeat(32)),
	];
	for path in tricks {
		let (head, body) = get(server.address, &path, "").await;
		assert!(head.starts_with("http/1.1 40"), "{path}: {head}");
		let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
		assert!(body["error"].is_string() && body["hint"].is_string(), "{path}: {body}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stops_gracefully() {
	let (_folder, store, id) = store_with(&bytes(1000, 1));
	let mut server = serve(&store, Arc::new(ReadOnly), Limits::default()).await;
	let (_other, other) = crate::support::store(1 << 30);
	let urls = [server.url.clone()];
	// The fetcher keeps its connection open: an idle one must not hold the server up.
	let fetcher = fetcher();
	fetcher.fetch(&id, &urls, &other, QUIET).await.unwrap();
	server.stop.cancel();
	let limit = std::time::Duration::from_secs(2);
	tokio::time::timeout(limit, &mut server.task).await.unwrap().unwrap().unwrap();
	let gone = BufferId { hash: [1; 32], bytes: 5 };
	let error = fetcher.fetch(&gone, &urls, &other, QUIET).await.unwrap_err();
	assert!(error.to_string().contains("no connection"), "{error}");
}
