//! The HTTP server of a store: what it holds, and what buyers may bring.
//!
//! Everything is below `/v1`; `openapi.json` describes it. What is served is public to whoever
//! knows a hash. What is brought needs a token of the buyer, which is checked before a body is read.

mod buffers;
mod gate;
mod jobs;
mod limits;
mod range;
mod reply;
mod run;
mod stall;
pub mod tls;

use std::sync::Arc;

use axum::{
	extract::DefaultBodyLimit,
	http::{header, Method},
	response::IntoResponse,
	routing::{get, put, MethodRouter},
	Json, Router,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::store::Store;
use reply::Reply;

pub use gate::{Gate, ReadOnly, Refusal};
pub use limits::Limits;
pub use run::run;

/// Openings that are built or checked at once: each takes about 3 MiB and one processor.
const WORK_AT_ONCE: usize = 16;

/// Looks at what is missing of a job's inputs, at once.
const LOOKS_AT_ONCE: usize = 4;

/// The OpenAPI document.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// What handlers share.
#[derive(Clone)]
struct Shared {
	store: Store,
	gate: Arc<dyn Gate>,
	work: Arc<Semaphore>,
	look: Arc<Semaphore>,
}

impl Shared {
	/// Does what hashes a piece.
	async fn work<T: Send + 'static>(
		&self,
		work: impl FnOnce() -> Result<T, Reply> + Send + 'static,
	) -> Result<T, Reply> {
		on_thread(&self.work, work).await
	}

	/// Does what may hash all that was received of a buffer, as the first look after a restart does.
	async fn look<T: Send + 'static>(
		&self,
		work: impl FnOnce() -> Result<T, Reply> + Send + 'static,
	) -> Result<T, Reply> {
		on_thread(&self.look, work).await
	}
}

/// Waits for a place without holding a thread. The place is kept until the work is done, even if
/// nobody waits for it any more.
async fn on_thread<T: Send + 'static>(
	places: &Arc<Semaphore>,
	work: impl FnOnce() -> Result<T, Reply> + Send + 'static,
) -> Result<T, Reply> {
	let place = places.clone().acquire_owned().await.map_err(|error| Reply::internal(&error))?;
	let done = spawn_blocking(move || {
		let done = work();
		drop(place);
		done
	});
	done.await.map_err(Reply::stopped)?
}

/// A path with its methods, and what answers them.
struct Route {
	path: &'static str,
	methods: &'static [Method],
	handler: fn() -> MethodRouter<Shared>,
}

const ROUTES: &[Route] = &[
	Route { path: "/v1/health", methods: &[Method::GET], handler: || get(health) },
	Route { path: "/v1/openapi.json", methods: &[Method::GET], handler: || get(openapi) },
	Route {
		path: "/v1/buffers/{hash}",
		methods: &[Method::GET, Method::HEAD],
		handler: || get(buffers::raw),
	},
	Route {
		path: "/v1/buffers/{hash}/pieces/{piece}",
		methods: &[Method::GET],
		handler: || get(buffers::piece),
	},
	Route { path: "/v1/jobs/{job}/inputs", methods: &[Method::GET], handler: || get(jobs::inputs) },
	Route {
		path: "/v1/jobs/{job}/inputs/{index}/pieces/{piece}",
		methods: &[Method::PUT],
		handler: || put(jobs::upload),
	},
	Route {
		path: "/v1/jobs/{job}/sources",
		methods: &[Method::PUT],
		handler: || put(jobs::sources),
	},
];

/// The data plane of a store. The gate decides who may bring what.
pub fn router(store: Store, gate: Arc<dyn Gate>) -> Router {
	let places = |count| Arc::new(Semaphore::new(count));
	let (work, look) = (places(WORK_AT_ONCE), places(LOOKS_AT_ONCE));
	let shared = Shared { store, gate, work, look };
	let routes = ROUTES.iter().fold(Router::new(), |router, route| {
		router.route(route.path, (route.handler)().fallback(reply::wrong_method))
	});
	// Handlers bound the bodies that they read, each by what it expects.
	routes.fallback(reply::no_such_path).layer(DefaultBodyLimit::disable()).with_state(shared)
}

/// The paths that are served, with their methods.
pub fn paths() -> impl Iterator<Item = (&'static str, &'static [Method])> {
	ROUTES.iter().map(|route| (route.path, route.methods))
}

async fn health() -> impl IntoResponse {
	Json(serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

async fn openapi() -> impl IntoResponse {
	([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
