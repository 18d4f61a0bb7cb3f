//! `/metrics`, `/health` and `/status` for this machine.

use std::{sync::Arc, time::Duration};

use axum::{
	extract::State,
	http::{header::CONTENT_TYPE, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use tokio::{
	net::TcpListener,
	sync::{watch, Notify},
	time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::Metrics;
use crate::status::Status;

/// How long whoever asks for the status waits for a new one; then the last is shown.
const PATIENCE: Duration = Duration::from_secs(3);

/// The status as it was made last, and the bell that has it made anew.
#[derive(Clone)]
pub struct Latest {
	/// The last one.
	pub status: watch::Receiver<Arc<Status>>,
	/// Rung when somebody wants a new one.
	pub wanted: Arc<Notify>,
}

impl Latest {
	/// One that is made from now on, if that does not take too long.
	async fn fresh(mut self) -> Arc<Status> {
		self.status.borrow_and_update();
		self.wanted.notify_one();
		// Without a maker, or when it is late, the last one tells how old it is.
		let _ = timeout(PATIENCE, self.status.changed()).await;
		let status = self.status.borrow().clone();
		status
	}
}

#[derive(Clone)]
struct Shared {
	metrics: Metrics,
	latest: Latest,
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// If the listener breaks.
pub async fn serve(
	listener: TcpListener,
	metrics: Metrics,
	latest: Latest,
	stop: CancellationToken,
) -> std::io::Result<()> {
	let router = Router::new()
		.route("/metrics", get(text))
		.route("/health", get(health))
		.route("/status", get(full_status))
		.with_state(Shared { metrics, latest });
	axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

async fn text(State(shared): State<Shared>) -> Response {
	match shared.metrics.text() {
		Ok(text) => ([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
		Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
	}
}

/// 200 if the worker can serve, 503 with the reasons if not; and what will keep it from serving some day.
async fn health(State(shared): State<Shared>) -> Response {
	let status = shared.latest.status.borrow().clone();
	let (problems, warnings) = (&status.problems, &status.warnings);
	let code = match problems.is_empty() {
		true => StatusCode::OK,
		false => StatusCode::SERVICE_UNAVAILABLE,
	};
	let healthy = problems.is_empty();
	let body =
		serde_json::json!({ "healthy": healthy, "problems": problems, "warnings": warnings });
	(code, Json(body)).into_response()
}

async fn full_status(State(shared): State<Shared>) -> Json<Status> {
	Json(shared.latest.fresh().await.as_ref().clone())
}
