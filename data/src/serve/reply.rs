//! Answers that are errors: JSON with what is wrong and what to do.

use axum::{
	http::{header, Method, StatusCode, Uri},
	response::{IntoResponse, Response},
	Json,
};

use super::Refusal;
use crate::{
	store::{PartialError, StoreError},
	wire::{ErrorBody, TokenError, SCHEME},
};

/// A refusal with its status.
#[derive(Debug)]
pub(super) struct Reply {
	status: StatusCode,
	body: ErrorBody,
}

impl Reply {
	pub(super) fn new(
		status: StatusCode,
		error: impl Into<String>,
		hint: impl Into<String>,
	) -> Self {
		Self { status, body: ErrorBody { error: error.into(), hint: hint.into() } }
	}

	pub(super) fn bad(error: impl Into<String>, hint: impl Into<String>) -> Self {
		Self::new(StatusCode::BAD_REQUEST, error, hint)
	}

	/// Something is wrong here, not with the request: the operator's log says what.
	pub(super) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
		tracing::error!(error, "a request failed");
		let hint = "try again later, or another source; the operator's log says more";
		Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed", hint)
	}

	/// A thread that worked for a request stopped.
	pub(super) fn stopped(error: tokio::task::JoinError) -> Self {
		Self::internal(&error)
	}
}

impl IntoResponse for Reply {
	fn into_response(self) -> Response {
		let mut response = (self.status, Json(self.body)).into_response();
		let headers = response.headers_mut();
		if self.status == StatusCode::UNAUTHORIZED {
			headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(SCHEME));
		}
		if self.status == StatusCode::SERVICE_UNAVAILABLE {
			headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
		}
		response
	}
}

impl From<TokenError> for Reply {
	fn from(error: TokenError) -> Self {
		let hint =
			"send `Authorization: Mutirao <token>`, signed by the buyer for this provider and job";
		Self::new(StatusCode::UNAUTHORIZED, error.to_string(), hint)
	}
}

impl From<Refusal> for Reply {
	fn from(refusal: Refusal) -> Self {
		let (status, hint) = match &refusal {
			Refusal::NotFound(_) => {
				(StatusCode::NOT_FOUND, "check the job's number and its provider")
			}
			Refusal::Forbidden(_) => {
				(StatusCode::FORBIDDEN, "sign with the key that posted the job")
			}
			Refusal::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "try again in some seconds"),
		};
		Self::new(status, refusal.to_string(), hint)
	}
}

impl From<StoreError> for Reply {
	fn from(error: StoreError) -> Self {
		match &error {
			StoreError::Full { .. } | StoreError::DiskFull { .. } => {
				tracing::warn!(%error, "an upload was refused");
				let hint = "choose another provider, or try again when it has room";
				Self::new(StatusCode::INSUFFICIENT_STORAGE, "the provider has no room", hint)
			}
			StoreError::TooLarge { .. } | StoreError::OtherLength { .. } => {
				let hint = "post the job again with the right length";
				Self::new(StatusCode::CONFLICT, error.to_string(), hint)
			}
			_ => Self::internal(&error),
		}
	}
}

impl From<PartialError> for Reply {
	fn from(error: PartialError) -> Self {
		let hint =
			"open the piece of the declared buffer anew; check index and number of the piece";
		match error {
			PartialError::NotAPiece => Self::bad(error.to_string(), hint),
			PartialError::Opening(why) => {
				Self::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{error}: {why}"), hint)
			}
			PartialError::Damaged => Self::internal(&error),
			PartialError::Store(error) => error.into(),
		}
	}
}

pub(super) async fn no_such_path(uri: Uri) -> Reply {
	let path: String = uri.path().chars().take(100).collect();
	let hint = "GET /v1/openapi.json describes the interface";
	Reply::new(StatusCode::NOT_FOUND, format!("there is nothing at {path}"), hint)
}

pub(super) async fn wrong_method(method: Method) -> Reply {
	let error = format!("{method} is not for this path");
	let hint = "GET /v1/openapi.json describes the interface";
	Reply::new(StatusCode::METHOD_NOT_ALLOWED, error, hint)
}
