//! Buyers bring inputs.

use std::{
	sync::atomic::{AtomicU64, Ordering},
	time::Duration,
};

use codec::Encode;
use mutirao_commitment::BufferId;
use mutirao_data::{
	fetch::{FetchError, Fetcher, SourceError},
	serve::Limits,
	store::{Store, Stored},
	wire::{InputStatus, UploadToken},
};
use subxt_signer::sr25519::dev;
use tokio::time::timeout;

use crate::{
	plane::raw,
	support::{
		bytes, fetcher, now, options, serve, store, store_with, token, Jobs, Server, MIB, TO,
	},
};

const QUIET: &(dyn Fn(u64) + Send + Sync) = &|_| {};

struct Scene {
	_folders: [tempfile::TempDir; 2],
	provider: Store,
	server: Server,
	inputs: Vec<Stored>,
}

/// A provider that awaits the inputs of job 5, which a buyer has.
async fn scene(lengths: &[usize]) -> Scene {
	let (buyer_folder, buyer) = store(1 << 30);
	let (folder, provider) = store(1 << 30);
	let put = |(seed, len): (u64, &usize)| buyer.put(&bytes(*len, seed)).unwrap();
	let ids: Vec<BufferId> = (0..).zip(lengths).map(put).collect();
	let inputs = ids.iter().map(|id| buyer.get(id).unwrap().unwrap()).collect();
	let server = serve(&provider, Jobs::one(5, &ids), Limits::default()).await;
	Scene { _folders: [buyer_folder, folder], provider, server, inputs }
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_are_brought_and_an_upload_goes_on() {
	let scene = scene(&[3 * MIB + 9, 0, 500]).await;
	let (url, first) = (&scene.server.url, &scene.inputs[0]);
	let partial = scene.provider.receive(first.id()).unwrap();
	partial.put(&first.piece(1).unwrap()).unwrap();
	drop(partial);
	let missing = fetcher().missing_inputs(url, 5).await.unwrap();
	assert_eq!(missing[0].missing, [(0, 0), (2, 3)]);
	assert_eq!((&missing[1].missing[..], missing[1].bytes), (&[(0, 0)][..], 0));
	let least = AtomicU64::new(u64::MAX);
	let progress = |bytes| {
		let _ = least.fetch_min(bytes, Ordering::Relaxed);
	};
	fetcher().upload(url, &token(5), 0, first, &progress).await.unwrap();
	assert_eq!(least.load(Ordering::Relaxed), MIB as u64);
	for index in [1, 2] {
		let input = &scene.inputs[usize::from(index)];
		fetcher().upload(url, &token(5), index, input, QUIET).await.unwrap();
	}
	for input in &scene.inputs {
		let stored = scene.provider.get(&input.id()).unwrap().unwrap();
		assert_eq!(stored.bytes(), input.bytes());
	}
	let missing = fetcher().missing_inputs(url, 5).await.unwrap();
	assert!(missing.iter().all(|input| input.missing.is_empty() && !input.more));
	fetcher().upload(url, &token(5), 0, first, QUIET).await.unwrap();
}

async fn refused(scene: &Scene, token: &UploadToken) -> (u16, String) {
	let upload = fetcher();
	let upload = upload.upload(&scene.server.url, token, 0, &scene.inputs[0], QUIET);
	match upload.await.unwrap_err() {
		FetchError::Provider { source: SourceError::Status { status, text }, .. } => (status, text),
		error => panic!("{error}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_buyers_own_fresh_token_opens_the_door() {
	let scene = scene(&[1000]).await;
	let sign = |key, job, to: [u8; 32], genesis, expires| {
		UploadToken::sign(&key, to, job, genesis, now() + expires)
	};
	let (alice, bob) = (dev::alice(), dev::bob());
	let (to, genesis) = (TO.provider, TO.genesis);
	for (token, status, word) in [
		(sign(alice.clone(), 5, to, genesis, 0), 401, "expired"),
		(sign(alice.clone(), 5, to, genesis, 90_000), 401, "24 hours"),
		(sign(alice.clone(), 5, [0; 32], genesis, 60), 401, "provider"),
		(sign(alice.clone(), 5, to, [0; 32], 60), 401, "chain"),
		(sign(bob, 5, to, genesis, 60), 403, "Alice"),
		(UploadToken { signature: [1; 64], ..token(5) }, 401, "signature"),
	] {
		let (found, text) = refused(&scene, &token).await;
		assert!(found == status && text.contains(word), "{found}: {text}");
	}
	let other = sign(alice, 6, to, genesis, 60);
	assert_eq!(refused(&scene, &other).await.0, 404, "there is no job 6");
	assert_eq!(scene.provider.usage().used, 0, "nothing was reserved for any of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_declared_bytes_are_taken() {
	let scene = scene(&[2 * MIB]).await;
	let (_folder, other, id) = store_with(&bytes(2 * MIB, 77));
	let other = other.get(&id).unwrap().unwrap();
	let error = fetcher().upload(&scene.server.url, &token(5), 0, &other, QUIET).await.unwrap_err();
	assert!(matches!(error, FetchError::OtherInput { index: 0, .. }), "{error}");
	let error = fetcher().upload(&scene.server.url, &token(5), 1, &other, QUIET).await.unwrap_err();
	assert!(error.to_string().contains("none"), "{error}");

	let put = async |path: &str, body: &[u8]| {
		let (client, request) = (scene.server.address, path.to_owned());
		let head = format!(
			"PUT {request} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\n",
			token(5).header(),
			body.len()
		);
		send(client, head.as_bytes(), body).await
	};
	let (lie, truth) = (other.piece(0).unwrap(), scene.inputs[0].piece(0).unwrap());
	assert_eq!(put("/v1/jobs/5/inputs/0/pieces/0", &lie.encode()).await, 422);
	assert_eq!(put("/v1/jobs/5/inputs/0/pieces/1", &truth.encode()).await, 400);
	assert_eq!(put("/v1/jobs/5/inputs/0/pieces/2", &truth.encode()).await, 404);
	assert_eq!(put("/v1/jobs/5/inputs/9/pieces/0", &truth.encode()).await, 404);
	assert_eq!(put("/v1/jobs/5/inputs/0/pieces/0", b"nonsense").await, 400);
	assert_eq!(put("/v1/jobs/5/inputs/0/pieces/0", &truth.encode()).await, 200);
	assert_eq!(put("/v1/jobs/5/inputs/0/pieces/0", &truth.encode()).await, 200);
	assert_eq!(put("/v1/jobs/x/inputs/0/pieces/0", &truth.encode()).await, 400);
	let missing = fetcher().missing_inputs(&scene.server.url, 5).await.unwrap();
	assert_eq!(missing[0].missing, [(1, 1)]);
}

/// Sends head and body, and returns the answer's status.
async fn send(address: std::net::SocketAddr, head: &[u8], body: &[u8]) -> u16 {
	use tokio::io::{AsyncReadExt, AsyncWriteExt};
	let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
	stream.write_all(head).await.unwrap();
	// The server may answer before it has read everything.
	let _ = stream.write_all(body).await;
	let mut answer = [0; 12];
	stream.read_exact(&mut answer).await.unwrap();
	std::str::from_utf8(&answer[9..]).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_room_says_so() {
	let (_folder, buyer, id) = store_with(&bytes(2 * MIB, 1));
	let (_other, provider) = store(MIB as u64);
	let server = serve(&provider, Jobs::one(5, &[id]), Limits::default()).await;
	let input = buyer.get(&id).unwrap().unwrap();
	let error = fetcher().upload(&server.url, &token(5), 0, &input, QUIET).await.unwrap_err();
	assert!(error.to_string().contains("507") && error.to_string().contains("no room"), "{error}");
	assert_eq!(provider.usage().used, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_noted_if_they_are_urls() {
	let (_folder, provider) = store(1 << 30);
	let jobs = Jobs::one(5, &[]);
	let server = serve(&provider, jobs.clone(), Limits::default()).await;
	let urls = ["https://one.example:4400".to_owned(), "http://two.example/data".to_owned()];
	fetcher().send_sources(&server.url, &token(5), &urls).await.unwrap();
	assert_eq!(*jobs.sources.lock().unwrap(), urls);
	let many = vec![urls[0].clone(); 9];
	for bad in [vec!["file:///etc/passwd".to_owned()], vec!["http://user@host".into()], many] {
		let error = fetcher().send_sources(&server.url, &token(5), &bad).await.unwrap_err();
		assert!(error.to_string().contains("answers 400"), "{error}");
	}
	assert_eq!(jobs.sources.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_always_lacks_something_does_not_hold_the_buyer() {
	let (_folder, buyer, id) = store_with(&bytes(1000, 1));
	let input = buyer.get(&id).unwrap().unwrap();
	let status = serde_json::json!([InputStatus::all_of(&id)]);
	let router = axum::Router::new()
		.route("/v1/jobs/5/inputs", axum::routing::get(move || async { axum::Json(status) }))
		.fallback(|| async { axum::Json(serde_json::json!({ "missing": 1 })) });
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
	let options = mutirao_data::fetch::FetchOptions { grace: Duration::from_secs(1), ..options() };
	let fetcher = Fetcher::new(options).unwrap();
	let token = token(5);
	let upload = fetcher.upload(&url, &token, 0, &input, QUIET);
	let error = timeout(Duration::from_secs(4), upload).await.unwrap().unwrap_err();
	assert!(matches!(error, FetchError::UploadTooSlow(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_serves_takes_nothing() {
	let (_folder, store, _) = store_with(b"a");
	let server = crate::support::serve_all(&store).await;
	let request = "GET /v1/jobs/1/inputs HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
	let (head, body) = raw(server.address, request).await;
	assert!(head.starts_with("http/1.1 404"), "{head}");
	assert!(String::from_utf8(body).unwrap().contains("takes no uploads"));
}
