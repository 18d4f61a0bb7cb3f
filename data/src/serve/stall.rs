//! Connections whose client takes nothing for too long are given up.

use std::{
	future::Future,
	io,
	pin::Pin,
	task::{Context, Poll},
	time::Duration,
};

use tokio::{
	io::{AsyncRead, AsyncWrite, ReadBuf},
	net::TcpStream,
	time::{sleep, Sleep},
};

/// A connection that fails once something has waited for too long to be written. What the server
/// writes between two flushes, some 300 KiB, must go within that time.
pub(super) struct Stalling {
	stream: TcpStream,
	limit: Duration,
	/// Runs since the first write that had to wait, until all is flushed.
	deadline: Option<Pin<Box<Sleep>>>,
}

impl Stalling {
	pub(super) fn new(stream: TcpStream, limit: Duration) -> Self {
		Self { stream, limit, deadline: None }
	}

	/// Lets a result through, unless it is to wait for longer than the limit.
	fn bound<T>(
		&mut self,
		cx: &mut Context<'_>,
		result: Poll<io::Result<T>>,
	) -> Poll<io::Result<T>> {
		if result.is_pending() {
			let limit = self.limit;
			let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
			if deadline.as_mut().poll(cx).is_ready() {
				let error = "the client takes too little of what is sent to it";
				return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, error)));
			}
		}
		result
	}
}

impl AsyncRead for Stalling {
	fn poll_read(
		mut self: Pin<&mut Self>,
		cx: &mut Context<'_>,
		buffer: &mut ReadBuf<'_>,
	) -> Poll<io::Result<()>> {
		Pin::new(&mut self.stream).poll_read(cx, buffer)
	}
}

impl AsyncWrite for Stalling {
	fn poll_write(
		mut self: Pin<&mut Self>,
		cx: &mut Context<'_>,
		data: &[u8],
	) -> Poll<io::Result<usize>> {
		let result = Pin::new(&mut self.stream).poll_write(cx, data);
		self.bound(cx, result)
	}

	fn poll_write_vectored(
		mut self: Pin<&mut Self>,
		cx: &mut Context<'_>,
		parts: &[io::IoSlice<'_>],
	) -> Poll<io::Result<usize>> {
		let result = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
		self.bound(cx, result)
	}

	fn is_write_vectored(&self) -> bool {
		self.stream.is_write_vectored()
	}

	fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
		let result = Pin::new(&mut self.stream).poll_flush(cx);
		if result.is_ready() {
			self.deadline = None;
		}
		self.bound(cx, result)
	}

	fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
		let result = Pin::new(&mut self.stream).poll_shutdown(cx);
		self.bound(cx, result)
	}
}
