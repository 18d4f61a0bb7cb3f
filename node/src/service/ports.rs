//! Refuses ports that another program has.
//!
//! sc-service would go on: without peers or metrics, or on an RPC port of chance. Two nodes may even
//! share a peers' port, and each would get some of the other's connections.

use sc_network::{multiaddr::Protocol, Multiaddr};
use sc_service::{error::Error as ServiceError, Configuration};
use std::{
	io::ErrorKind,
	net::{IpAddr, SocketAddr, TcpListener},
};

/// # Errors
///
/// When another program listens on a port that this node is to use.
pub(super) fn refuse_busy(config: &Configuration) -> Result<(), ServiceError> {
	let peers = config.network.listen_addresses.iter().filter_map(tcp).map(|a| (a, "--port"));
	let rpc = config.rpc.addr.iter().flatten().map(|e| (e.listen_addr, "--rpc-port"));
	let prometheus = config.prometheus_config.iter().map(|p| (p.port, "--prometheus-port"));
	for (address, flag) in peers.chain(rpc).chain(prometheus) {
		// Any other error is for the part that needs the address: IPv6 may be off, for one.
		if TcpListener::bind(address).is_err_and(|e| e.kind() == ErrorKind::AddrInUse) {
			return Err(ServiceError::Other(format!(
				"{address} is in use by another program: choose another with {flag}"
			)));
		}
	}
	Ok(())
}

fn tcp(address: &Multiaddr) -> Option<SocketAddr> {
	let mut parts = address.iter();
	let ip = match parts.next()? {
		Protocol::Ip4(ip) => IpAddr::V4(ip),
		Protocol::Ip6(ip) => IpAddr::V6(ip),
		_ => return None,
	};
	match parts.next()? {
		Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
		_ => None,
	}
}
