//! What buyers bring for their jobs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::{
	body::{to_bytes, Body, Bytes},
	extract::{Path, State},
	http::{header, HeaderMap, StatusCode},
	response::IntoResponse,
	Json,
};
use codec::DecodeAll;
use http_body_util::LengthLimitError;
use mutirao_commitment::Opening;
use mutirao_types::{BufferId, JobId};

use super::{buffers::parse_piece, reply::Reply, Shared};
use crate::{
	fetch::check_url,
	store::{PartialError, Progress, Store},
	wire::{self, InputStatus, TokenError, UploadStatus, UploadToken},
};

/// `GET` of what is missing of a job's inputs.
pub(super) async fn inputs(
	State(shared): State<Shared>,
	Path(job): Path<String>,
) -> Result<Json<Vec<InputStatus>>, Reply> {
	let inputs = shared.gate.inputs(parse_job(&job)?).await?;
	let store = shared.store.clone();
	let all = move || Ok(inputs.iter().map(|id| status(&store, id)).collect::<Result<_, _>>()?);
	shared.look(all).await.map(Json)
}

fn status(store: &Store, id: &BufferId) -> Result<InputStatus, PartialError> {
	match store.receiving(id)? {
		Some(partial) => Ok(InputStatus::new(id, &partial.missing()?)),
		None if store.contains(id) => Ok(InputStatus::new(id, &[])),
		None => Ok(InputStatus::all_of(id)),
	}
}

/// `PUT` of a piece of a job's input.
pub(super) async fn upload(
	State(shared): State<Shared>,
	Path((job, index, piece)): Path<(String, String, String)>,
	headers: HeaderMap,
	body: Body,
) -> Result<Json<UploadStatus>, Reply> {
	let job = parse_job(&job)?;
	let token = token(&shared, &headers, job)?;
	let inputs = shared.gate.permit(job, &token).await?;
	let id = index.parse().ok().and_then(|index: usize| inputs.get(index).copied());
	let id = id.ok_or_else(|| {
		let error = format!("the job has {} inputs, none of this number", inputs.len());
		Reply::new(StatusCode::NOT_FOUND, error, "inputs are counted from 0")
	})?;
	let number = parse_piece(&piece)?;
	let (first, _) = wire::piece_chunks(&id, number).ok_or_else(|| {
		let error = format!("piece {number} is past the end of the input, {id}");
		Reply::new(StatusCode::NOT_FOUND, error, "a piece has 1 MiB; count from 0")
	})?;
	let bytes = read(&headers, body, wire::MAX_OPENING_BYTES).await?;
	let store = shared.store.clone();
	let missing = match shared.work(move || take(&store, id, first, &bytes)).await? {
		Progress::Missing(missing) => missing,
		Progress::Complete(_) => 0,
	};
	Ok(Json(UploadStatus { missing }))
}

fn take(store: &Store, id: BufferId, first: u32, bytes: &[u8]) -> Result<Progress, Reply> {
	let opening = Opening::decode_all(&mut &bytes[..]).map_err(|error| {
		let hint = "send an opening in SCALE, as docs/protocol/commitment.md describes it";
		Reply::bad(format!("the body is no opening: {error}"), hint)
	})?;
	if opening.chunks.first() != Some(&first) {
		let hint = "the path's piece and the body's must be one";
		return Err(Reply::bad("the opening is of another piece than the path says", hint));
	}
	Ok(store.receive(id)?.put(&opening)?)
}

/// `PUT` of the URLs where a job's inputs may be fetched.
pub(super) async fn sources(
	State(shared): State<Shared>,
	Path(job): Path<String>,
	headers: HeaderMap,
	body: Body,
) -> Result<impl IntoResponse, Reply> {
	let job = parse_job(&job)?;
	let token = token(&shared, &headers, job)?;
	let bytes = read(&headers, body, wire::MAX_JSON_BYTES).await?;
	let urls: Vec<String> = serde_json::from_slice(&bytes).map_err(|error| {
		let hint = "send a JSON list of URLs: [\"https://host:4400\"]";
		Reply::bad(format!("the body is no list of URLs: {error}"), hint)
	})?;
	if urls.len() > wire::MAX_SOURCES {
		let error = format!("{} URLs are too many", urls.len());
		return Err(Reply::bad(error, format!("name at most {}", wire::MAX_SOURCES)));
	}
	for url in &urls {
		check_url(url).map_err(|error| {
			Reply::bad(error.to_string(), "name base URLs of data planes, http or https")
		})?;
	}
	shared.gate.sources(job, &token, urls).await?;
	Ok((StatusCode::ACCEPTED, Json(serde_json::json!({ "status": "noted" }))))
}

fn parse_job(text: &str) -> Result<JobId, Reply> {
	text.parse().map_err(|_| Reply::bad("the job is no number", "name the job that was posted"))
}

/// Reads and checks the token: before anything of the body is read.
fn token(shared: &Shared, headers: &HeaderMap, job: JobId) -> Result<UploadToken, Reply> {
	let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
	let token = UploadToken::from_header(value.ok_or(TokenError::Text)?)?;
	let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
	token.verify(&shared.gate.audience(), job, now.as_secs())?;
	Ok(token)
}

/// Reads a body that has an announced length, at most `limit`.
async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Reply> {
	let too_large = || {
		let error = format!("the body is longer than {limit} bytes");
		Reply::new(StatusCode::PAYLOAD_TOO_LARGE, error, "send one piece or one short list")
	};
	let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
	if announced.and_then(|value| value.parse::<usize>().ok()).is_some_and(|bytes| bytes > limit) {
		return Err(too_large());
	}
	to_bytes(body, limit).await.map_err(|error| {
		let source = std::error::Error::source(&error);
		if source.is_some_and(|source| source.is::<LengthLimitError>()) {
			return too_large();
		}
		Reply::bad("the body ended too early", "send it whole")
	})
}
