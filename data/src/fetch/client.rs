//! Requests with bounds.

use std::{error::Error, time::Duration};

use axum::{
	body::Bytes,
	http::{header, Method, Request, StatusCode},
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
	client::legacy::{self, connect::HttpConnector},
	rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use super::{
	address::check_source, resolve::Resolver, roots, FetchError, FetchOptions, SourceError,
};
use crate::wire::{ErrorBody, UploadToken, OPENING_TYPE};

/// Bytes of an answer that says what went wrong, at most.
const MAX_ERROR_BYTES: usize = 4096;

/// Characters of it that are shown.
const MAX_ERROR_CHARS: usize = 300;

const IDLE: Duration = Duration::from_secs(20);

type Http = legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// An HTTP client that follows no redirect and waits for nothing without end.
#[derive(Clone, Debug)]
pub(super) struct Client {
	http: Http,
	allow_private: bool,
	timeout: Duration,
}

/// What is sent with a request.
pub(super) struct Sent<'a> {
	pub(super) token: &'a UploadToken,
	pub(super) media: &'static str,
	pub(super) body: Vec<u8>,
}

impl Client {
	pub(super) fn new(options: &FetchOptions) -> Result<Self, FetchError> {
		let mut tcp = HttpConnector::new_with_resolver(Resolver::new(options.allow_private));
		tcp.enforce_http(false);
		tcp.set_nodelay(true);
		tcp.set_connect_timeout(Some(options.connect_timeout));
		let https = HttpsConnectorBuilder::new()
			.with_tls_config(roots::tls(options.authorities.as_deref())?)
			.https_or_http()
			.enable_http1()
			.wrap_connector(tcp);
		let http = legacy::Client::builder(TokioExecutor::new())
			.pool_timer(TokioTimer::new())
			.pool_idle_timeout(IDLE)
			.pool_max_idle_per_host(options.connections_per_source)
			.build(https);
		let (allow_private, timeout) = (options.allow_private, options.piece_timeout);
		Ok(Self { http, allow_private, timeout })
	}

	/// Gets a body of at most `limit` bytes from below a base URL.
	pub(super) async fn get(
		&self,
		base: &str,
		path: &str,
		limit: usize,
	) -> Result<Bytes, SourceError> {
		self.exchange(Method::GET, base, path, None, limit).await
	}

	/// Puts something below a base URL, with a token; returns the answer.
	pub(super) async fn put(
		&self,
		base: &str,
		path: &str,
		sent: Sent<'_>,
	) -> Result<Bytes, SourceError> {
		self.exchange(Method::PUT, base, path, Some(sent), MAX_ERROR_BYTES).await
	}

	async fn exchange(
		&self,
		method: Method,
		base: &str,
		path: &str,
		sent: Option<Sent<'_>>,
		limit: usize,
	) -> Result<Bytes, SourceError> {
		check_source(base, self.allow_private)?;
		let url = format!("{}{path}", base.trim_end_matches('/'));
		let mut request = Request::builder()
			.method(method)
			.uri(url)
			.header(header::ACCEPT, format!("{OPENING_TYPE}, application/json"));
		if let Some(sent) = &sent {
			request = request
				.header(header::AUTHORIZATION, sent.token.header())
				.header(header::CONTENT_TYPE, sent.media);
		}
		let body = Full::from(sent.map(|sent| sent.body).unwrap_or_default());
		let request =
			request.body(body).map_err(|error| SourceError::Nonsense(error.to_string()))?;
		let answer =
			async { read(self.http.request(request).await.map_err(connection)?, limit).await };
		let answered = timeout(self.timeout, answer).await;
		answered.unwrap_or(Err(SourceError::TimedOut(self.timeout)))
	}
}

async fn read(answer: axum::http::Response<Incoming>, limit: usize) -> Result<Bytes, SourceError> {
	let status = answer.status();
	if status.is_redirection() {
		return Err(SourceError::Redirect(status.as_u16()));
	}
	if !status.is_success() {
		return Err(refusal(status, answer.into_body()).await);
	}
	let announced = answer.headers().get(header::CONTENT_LENGTH);
	let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
	if announced.is_some_and(|bytes| bytes > limit) {
		return Err(SourceError::TooLong(limit));
	}
	match Limited::new(answer.into_body(), limit).collect().await {
		Ok(body) => Ok(body.to_bytes()),
		Err(error) if error.is::<LengthLimitError>() => Err(SourceError::TooLong(limit)),
		Err(error) => Err(SourceError::Connection(chain(&*error))),
	}
}

/// What a server says of itself is shown shortened, and without what a terminal would obey.
async fn refusal(status: StatusCode, body: Incoming) -> SourceError {
	let body = Limited::new(body, MAX_ERROR_BYTES).collect().await;
	let body = body.map(|body| body.to_bytes()).unwrap_or_default();
	let said = match serde_json::from_slice::<ErrorBody>(&body) {
		Ok(ErrorBody { error, hint }) => format!("{error}; {hint}"),
		Err(_) => String::from_utf8_lossy(&body).into_owned(),
	};
	let printable = said.chars().filter(|c| !c.is_control()).take(MAX_ERROR_CHARS);
	SourceError::Status { status: status.as_u16(), text: printable.collect() }
}

fn connection(error: legacy::Error) -> SourceError {
	let mut source = error.source();
	while let Some(cause) = source {
		let wrapped = cause.downcast_ref::<std::io::Error>().and_then(|cause| cause.get_ref());
		if let Some(address) = wrapped.and_then(|cause| cause.downcast_ref()) {
			return SourceError::Address(super::AddressError::clone(address));
		}
		source = cause.source();
	}
	SourceError::Connection(chain(&error))
}

/// An error and what caused it, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
	let causes =
		std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| Error::source(*error));
	causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
