//! What one server gives its clients.

use std::time::Duration;

/// Bounds of a server. The defaults suit a provider with a few hundred buyers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Connections at once; more are closed at once.
	pub connections: usize,
	/// Connections at once from one address; more are closed at once. A reverse proxy needs as many
	/// as [`Self::connections`].
	pub connections_per_address: usize,
	/// From the connection, or from the answer before, to the end of a request's header. The TLS
	/// handshake may take as long.
	pub header: Duration,
	/// From a request's header to the answer's: the time that a client has to send a body.
	pub request: Duration,
	/// How long a client may take nothing of what is sent to it. Some 300 KiB must go in that time,
	/// so that it is the slowest speed too.
	pub stall: Duration,
	/// How long requests under way may take to end when the server stops.
	pub drain: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			connections: 256,
			connections_per_address: 64,
			header: Duration::from_secs(10),
			request: Duration::from_secs(60),
			stall: Duration::from_secs(30),
			drain: Duration::from_secs(10),
		}
	}
}
