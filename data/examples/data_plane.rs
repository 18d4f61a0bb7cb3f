//! Measures the data plane on loopback, and prints JSON lines (name, value, unit).
//!
//! `cargo run --example data_plane [MiB] [folder]`: how large the buffer is (1024), and where stores
//! and files lie (the system's temporary folder). Server and client share this machine's processors.

use std::{
	env,
	fs::File,
	io::{self, BufWriter, Write},
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};

use anyhow::{Context, Result};
use mutirao_commitment::BufferId;
use mutirao_data::{
	fetch::{FetchOptions, Fetcher},
	serve::{self, Limits, ReadOnly},
	store::Store,
	wire::{self, piece_path},
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;

/// The best of so many runs counts.
const RUNS: usize = 3;

fn figure(name: &str, value: f64, unit: &str) {
	println!("{}", serde_json::json!({ "name": name, "value": value, "unit": unit }));
}

fn speed(name: &str, bytes: u64, took: Duration) {
	figure(name, (bytes as f64 / 1e6 / took.as_secs_f64()).round(), "MB/s");
}

#[tokio::main]
async fn main() -> Result<()> {
	let mut arguments = env::args().skip(1);
	let mib: u64 = arguments.next().map_or(Ok(1024), |mib| mib.parse()).context("MiB: a number")?;
	let folder = arguments.next().map_or_else(env::temp_dir, PathBuf::from);
	let folder = tempfile::tempdir_in(folder).context("the folder must be writable")?;
	let (source, id) = source(folder.path(), mib << 20)?;

	let listener = TcpListener::bind("127.0.0.1:0").await?;
	let address = listener.local_addr()?.to_string();
	let router = serve::router(source, Arc::new(ReadOnly));
	tokio::spawn(serve::run(listener, router, Limits::default(), None, CancellationToken::new()));

	let (mut plain, mut verified) = (Duration::MAX, Duration::MAX);
	for run in 0..RUNS {
		plain = plain.min(get_plain(&address, &id, &folder.path().join("plain")).await?);
		let (took, memory) = fetch(&address, &id, &folder.path().join(format!("to{run}"))).await?;
		verified = verified.min(took);
		if run == 0 {
			figure("memory_of_a_fetch_server_included", (memory / 1e6).round(), "MB");
		}
	}
	speed("plain_http_to_file", id.bytes, plain);
	speed("verified_fetch_to_store", id.bytes, verified);
	figure("verified_beside_plain", ratio(plain, verified), "ratio of speeds");
	opening_speeds(&folder.path().join("source"), &id)
}

fn ratio(plain: Duration, verified: Duration) -> f64 {
	(plain.as_secs_f64() / verified.as_secs_f64() * 100.0).round() / 100.0
}

/// A store with a buffer of so many bytes.
fn source(folder: &Path, bytes: u64) -> Result<(Store, BufferId)> {
	let path = folder.join("bytes");
	let mut random = fastrand::Rng::with_seed(1);
	let mut file = BufWriter::new(File::create(&path)?);
	let mut block = vec![0; 1 << 20];
	for _ in 0..bytes >> 20 {
		random.fill(&mut block);
		file.write_all(&block)?;
	}
	file.into_inner()?.sync_all()?;
	let store = Store::open(folder.join("source"), 1 << 50)?;
	let begun = Instant::now();
	let id = store.import(&path)?;
	speed("import_copy_and_hash", id.bytes, begun.elapsed());
	Ok((store, id))
}

/// The same bytes by the simplest client: one connection, no check, into a file that is synced.
async fn get_plain(address: &str, id: &BufferId, path: &Path) -> Result<Duration> {
	let begun = Instant::now();
	let mut stream = TcpStream::connect(address).await?;
	let hash = hex::encode(id.hash);
	let request =
		format!("GET /v1/buffers/{hash} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await?;
	let mut file = File::create(path)?;
	let mut received = 0;
	let mut block = vec![0; 1 << 20];
	loop {
		let bytes = stream.read(&mut block).await?;
		if bytes == 0 {
			break;
		}
		received += bytes as u64;
		(file, block) = spawn_blocking(move || -> io::Result<_> {
			file.write_all(&block[..bytes])?;
			Ok((file, block))
		})
		.await??;
	}
	spawn_blocking(move || file.sync_all()).await??;
	anyhow::ensure!(received > id.bytes, "the answer is too short");
	Ok(begun.elapsed())
}

/// A verified fetch into a fresh store; and the most memory that the process had meanwhile, mapped
/// files apart.
async fn fetch(address: &str, id: &BufferId, folder: &Path) -> Result<(Duration, f64)> {
	let store = Store::open(folder, 1 << 50)?;
	let options = FetchOptions { allow_private: true, ..FetchOptions::default() };
	let most = AtomicU64::new(0);
	let progress = |_| {
		most.fetch_max(own_memory().unwrap_or_default(), Ordering::Relaxed);
	};
	let begun = Instant::now();
	let urls = [format!("http://{address}")];
	Fetcher::new(options)?.fetch(id, &urls, &store, &progress).await?;
	let took = begun.elapsed();
	std::fs::remove_dir_all(folder)?;
	Ok((took, most.into_inner() as f64))
}

/// Bytes of memory that are the process's own.
fn own_memory() -> Option<u64> {
	let status = std::fs::read_to_string("/proc/self/status").ok()?;
	let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
	line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// What a piece costs without a network.
fn opening_speeds(source: &Path, id: &BufferId) -> Result<()> {
	let stored = Store::open(source, 1 << 50)?.get(id)?.context("the source has it")?;
	let pieces = wire::pieces(id).min(256) as u32;
	let bytes = u64::from(pieces) << 20;
	let begun = Instant::now();
	let openings = (0..pieces).map(|piece| stored.piece(piece)).collect::<Result<Vec<_>, _>>()?;
	speed("opening_pieces_one_core", bytes, begun.elapsed());
	let begun = Instant::now();
	for (piece, opening) in openings.iter().enumerate() {
		opening.verify(id).with_context(|| piece_path(&id.hash, piece as u32))?;
	}
	speed("verifying_pieces_one_core", bytes, begun.elapsed());
	Ok(())
}
