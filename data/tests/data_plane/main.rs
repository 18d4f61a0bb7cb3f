//! The store, and the data plane over real sockets, with peers that lie, stall and flood.

mod clients;
mod hostile;
mod openapi;
mod partial;
mod plane;
mod quota;
mod store;
mod support;
mod tls;
mod upload;
