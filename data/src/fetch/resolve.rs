//! Names are resolved here, so that the address that was checked is the one that is connected to.

use std::{
	io,
	net::SocketAddr,
	task::{Context, Poll},
	vec,
};

use futures::{future::BoxFuture, FutureExt};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

use super::{is_public, AddressError};

/// The system's resolver, less the addresses that are not public.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
	system: GaiResolver,
	allow_private: bool,
}

impl Resolver {
	pub(super) fn new(allow_private: bool) -> Self {
		Self { system: GaiResolver::new(), allow_private }
	}
}

impl Service<Name> for Resolver {
	type Response = vec::IntoIter<SocketAddr>;
	type Error = io::Error;
	type Future = BoxFuture<'static, io::Result<Self::Response>>;

	fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
		self.system.poll_ready(cx)
	}

	fn call(&mut self, name: Name) -> Self::Future {
		let allow_private = self.allow_private;
		let host = name.to_string();
		let resolved = self.system.call(name);
		async move {
			let all = resolved.await?;
			let wanted = |address: &SocketAddr| allow_private || is_public(address.ip());
			let usable: Vec<SocketAddr> = all.filter(wanted).collect();
			if usable.is_empty() {
				let error = AddressError::Private(host);
				return Err(io::Error::new(io::ErrorKind::PermissionDenied, error));
			}
			Ok(usable.into_iter())
		}
		.boxed()
	}
}
