//! Accepting connections, within limits.

use std::{
	collections::HashMap,
	io,
	net::{IpAddr, SocketAddr},
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

use axum::{
	extract::{Request, State},
	http::StatusCode,
	middleware::{from_fn_with_state, Next},
	response::{IntoResponse, Response},
	Router,
};
use hyper::server::conn::http1;
use hyper_util::{
	rt::{TokioIo, TokioTimer},
	service::TowerToHyperService,
};
use tokio::{
	io::{AsyncRead, AsyncWrite},
	net::{TcpListener, TcpStream},
	task::JoinSet,
	time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{reply::Reply, stall::Stalling, Limits};

/// Bytes of a request's header, at most.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Bytes that are buffered for a connection, at most.
const MAX_BUFFERED_BYTES: usize = 128 * 1024;

/// Serves until the token is cancelled; then requests under way may end, within
/// [`Limits::drain`].
///
/// # Errors
///
/// None at present: a connection that cannot be accepted is logged, and the next one is awaited.
pub async fn run(
	listener: TcpListener,
	router: Router,
	limits: Limits,
	tls: Option<TlsAcceptor>,
	stop: CancellationToken,
) -> io::Result<()> {
	let router = router.layer(from_fn_with_state(limits.request, in_time));
	let server = Server { router, limits, tls, stop: stop.clone() };
	let open = Arc::new(Open::default());
	let mut connections = JoinSet::new();
	loop {
		let accepted = tokio::select! {
			() = stop.cancelled() => break,
			accepted = listener.accept() => accepted,
			Some(_) = connections.join_next() => continue,
		};
		let (stream, peer) = match accepted {
			Ok(accepted) => accepted,
			Err(error) => {
				tracing::warn!(%error, "cannot accept a connection");
				// Out of files, most likely: give connections time to end.
				sleep(Duration::from_millis(100)).await;
				continue;
			}
		};
		match open.enter(peer, &limits) {
			Some(place) => drop(connections.spawn(server.clone().connection(stream, peer, place))),
			None => tracing::debug!(%peer, "too many connections; closed"),
		}
	}
	drop(listener);
	let all = async { while connections.join_next().await.is_some() {} };
	if timeout(limits.drain, all).await.is_err() {
		tracing::info!("connections are cut: they did not end in time");
	}
	Ok(())
}

/// Answers 408 where a request takes too long, as one whose body does not come.
async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
	timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
		let error = format!("the request took longer than {} s", limit.as_secs());
		Reply::new(StatusCode::REQUEST_TIMEOUT, error, "send the body faster").into_response()
	})
}

#[derive(Clone)]
struct Server {
	router: Router,
	limits: Limits,
	tls: Option<TlsAcceptor>,
	stop: CancellationToken,
}

impl Server {
	async fn connection(self, stream: TcpStream, peer: SocketAddr, _place: Place) {
		let _ = stream.set_nodelay(true);
		let stream = Stalling::new(stream, self.limits.stall);
		let Some(tls) = self.tls.clone() else {
			return self.serve(stream, peer).await;
		};
		match timeout(self.limits.header, tls.accept(stream)).await {
			Ok(Ok(stream)) => self.serve(stream, peer).await,
			Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS handshake"),
			Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
		}
	}

	async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send, peer: SocketAddr) {
		let service = TowerToHyperService::new(self.router);
		let connection = http1::Builder::new()
			.timer(TokioTimer::new())
			.header_read_timeout(self.limits.header)
			.max_header_size(MAX_HEADER_BYTES)
			.max_buf_size(MAX_BUFFERED_BYTES)
			.serve_connection(TokioIo::new(stream), service);
		tokio::pin!(connection);
		let result = tokio::select! {
			result = connection.as_mut() => result,
			() = self.stop.cancelled() => {
				connection.as_mut().graceful_shutdown();
				connection.await
			},
		};
		if let Err(error) = result {
			tracing::debug!(%peer, %error, "a connection broke");
		}
	}
}

/// Open connections, by address.
#[derive(Default)]
struct Open {
	by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection's place among the open ones, free again when it is dropped.
struct Place {
	open: Arc<Open>,
	address: IpAddr,
}

impl Open {
	fn enter(self: &Arc<Self>, peer: SocketAddr, limits: &Limits) -> Option<Place> {
		let address = peer.ip().to_canonical();
		let mut open = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
		let all: usize = open.values().sum();
		let here = open.get(&address).copied().unwrap_or_default();
		if all >= limits.connections || here >= limits.connections_per_address {
			return None;
		}
		open.insert(address, here + 1);
		Some(Place { open: self.clone(), address })
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		let mut open = self.open.by_address.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(count) = open.get_mut(&self.address) {
			*count -= 1;
			if *count == 0 {
				open.remove(&self.address);
			}
		}
	}
}
