//! `/metrics`, `/health` and `/status` for this machine.

use std::sync::Arc;

use axum::{
	extract::State,
	http::{header::CONTENT_TYPE, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use super::Metrics;
use crate::status::Status;

#[derive(Clone)]
struct Shared {
	metrics: Metrics,
	status: watch::Receiver<Arc<Status>>,
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// If the listener breaks.
pub async fn serve(
	listener: TcpListener,
	metrics: Metrics,
	status: watch::Receiver<Arc<Status>>,
	stop: CancellationToken,
) -> std::io::Result<()> {
	let router = Router::new()
		.route("/metrics", get(text))
		.route("/health", get(health))
		.route("/status", get(full_status))
		.with_state(Shared { metrics, status });
	axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

async fn text(State(shared): State<Shared>) -> Response {
	match shared.metrics.text() {
		Ok(text) => ([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
		Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
	}
}

/// 200 if the worker can serve, 503 with the reasons if not.
async fn health(State(shared): State<Shared>) -> Response {
	let problems = shared.status.borrow().problems.clone();
	let code = match problems.is_empty() {
		true => StatusCode::OK,
		false => StatusCode::SERVICE_UNAVAILABLE,
	};
	let body = serde_json::json!({ "healthy": problems.is_empty(), "problems": problems });
	(code, Json(body)).into_response()
}

async fn full_status(State(shared): State<Shared>) -> Json<Status> {
	Json(shared.status.borrow().as_ref().clone())
}
