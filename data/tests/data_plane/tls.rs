//! The data plane over TLS.

use std::{path::Path, sync::Arc};

use mutirao_data::{
	fetch::{FetchOptions, Fetcher},
	serve::{self, tls, Limits, ReadOnly},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::{bytes, options, store, store_with, MIB};

const QUIET: &(dyn Fn(u64) + Send + Sync) = &|_| {};

#[tokio::test(flavor = "multi_thread")]
async fn buffers_travel_over_tls_and_strangers_are_not_trusted() {
	let data = bytes(2 * MIB + 1, 1);
	let (_source, source, id) = store_with(&data);
	let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
	let (certificate, key) = (fixtures.join("localhost.pem"), fixtures.join("localhost.key"));
	let acceptor = tls::acceptor(&certificate, &key).unwrap();
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let urls = [format!("https://localhost:{}", listener.local_addr().unwrap().port())];
	let router = serve::router(source, Arc::new(ReadOnly));
	let stop = CancellationToken::new();
	tokio::spawn(serve::run(listener, router, Limits::default(), Some(acceptor), stop));

	let (_folder, store) = store(1 << 30);
	let stranger = Fetcher::new(options()).unwrap();
	let error = stranger.fetch(&id, &urls, &store, QUIET).await.unwrap_err();
	assert!(error.to_string().contains("certificate"), "{error}");
	let options = FetchOptions { authorities: Some(certificate.clone()), ..options() };
	let friend = Fetcher::new(options).unwrap();
	assert_eq!(friend.fetch(&id, &urls, &store, QUIET).await.unwrap().bytes(), data);

	let error = tls::acceptor(&certificate, &certificate).err().unwrap();
	assert!(error.to_string().contains("private key"), "{error}");
	let error = tls::acceptor(&key, &key).err().unwrap();
	assert!(error.to_string().contains("cannot be used"), "{error}");
}
