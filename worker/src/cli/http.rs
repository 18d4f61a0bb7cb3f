//! One request to this machine's own worker.

use std::{net::SocketAddr, time::Duration};

use tokio::{
	io::{AsyncReadExt as _, AsyncWriteExt as _},
	net::TcpStream,
};

/// How long the worker may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer, at most.
const LONGEST: u64 = 16 << 20;

/// The body of `GET path`; `None` if nobody listens there.
///
/// # Errors
///
/// If somebody listens, and does not answer with 200 and a body.
pub(crate) async fn get(address: SocketAddr, path: &str) -> std::io::Result<Option<String>> {
	let asking = async {
		let mut stream = match TcpStream::connect(address).await {
			Ok(stream) => stream,
			Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => return Ok(None),
			Err(error) => return Err(error),
		};
		let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
		stream.write_all(request.as_bytes()).await?;
		let mut answer = String::new();
		stream.take(LONGEST).read_to_string(&mut answer).await?;
		let odd = || std::io::Error::other(format!("{address} is not a worker's status page"));
		let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(odd)?;
		match head.split_whitespace().nth(1) {
			Some("200") => Ok(Some(body.to_owned())),
			_ => Err(odd()),
		}
	};
	let late = |_| std::io::Error::from(std::io::ErrorKind::TimedOut);
	tokio::time::timeout(PATIENCE, asking).await.map_err(late)?
}
