//! `mutirao serve`.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use mutirao_data::{
	serve::{self, Limits, ReadOnly},
	store::Store,
};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
	formats::Source,
	output::{print, Format},
};

/// Bytes that are served, at most.
const QUOTA: u64 = 1 << 40;

/// Arguments of `serve`.
#[derive(Args)]
pub(crate) struct Serve {
	/// Files, read as inputs of jobs are: a .png as its pixels, raw:FILE as it is.
	#[arg(required = true, value_name = "[FORMAT:]FILE")]
	files: Vec<String>,
	/// Where to listen.
	#[arg(long, default_value = "127.0.0.1:4410", value_name = "ADDRESS:PORT")]
	listen: String,
	/// A PEM file with the certificate chain, for https.
	#[arg(long, requires = "tls_key", value_name = "FILE")]
	tls_certificate: Option<PathBuf>,
	/// A PEM file with the certificate's key.
	#[arg(long, requires = "tls_certificate", value_name = "FILE")]
	tls_key: Option<PathBuf>,
}

#[derive(Serialize)]
struct Serving {
	url: String,
	buffers: Vec<Served>,
}

#[derive(Serialize)]
struct Served {
	file: String,
	blake3: String,
	bytes: u64,
}

impl Serve {
	/// Serves until it is interrupted.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let folder = tempfile::tempdir().context("cannot make a folder for the buffers")?;
		let store = Store::open(folder.path(), QUOTA)?;
		let mut buffers = Vec::new();
		for file in &self.files {
			let source = Source::parse(file)?;
			let mut bytes = source.read(0)?;
			// As inputs are: whole words.
			bytes.resize(bytes.len().next_multiple_of(4), 0);
			let id = store.put(&bytes)?;
			store.pin(file, &[id])?;
			let blake3 = hex::encode(id.hash);
			buffers.push(Served { file: file.clone(), blake3, bytes: id.bytes });
		}
		let tls = match (&self.tls_certificate, &self.tls_key) {
			(Some(certificate), Some(key)) => Some(serve::tls::acceptor(certificate, key)?),
			_ => None,
		};
		let listener = TcpListener::bind(&self.listen).await;
		let listener = listener.with_context(|| format!("cannot listen on {}", self.listen))?;
		let scheme = if tls.is_some() { "https" } else { "http" };
		let url = format!("{scheme}://{}", listener.local_addr()?);
		print(format, &Serving { url, buffers }, |serving| {
			let line = |served: &Served| {
				format!("  {} ({} bytes): {}\n", served.file, served.bytes, served.blake3)
			};
			let lines: String = serving.buffers.iter().map(line).collect();
			format!("serving at {} until you press Ctrl-C\n{lines}", serving.url)
		})?;
		let stop = CancellationToken::new();
		let router = serve::router(store, Arc::new(ReadOnly));
		let serving = serve::run(listener, router, Limits::default(), tls, stop.clone());
		tokio::pin!(serving);
		tokio::select! {
			ended = &mut serving => return Ok(ended?),
			interrupted = tokio::signal::ctrl_c() => interrupted?,
		}
		stop.cancel();
		Ok(serving.await?)
	}
}
