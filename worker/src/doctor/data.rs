//! The data plane: a folder that can be written, room on its disk, and buyers who find the way here.

use std::{
	net::{IpAddr, SocketAddr},
	path::Path,
	sync::Arc,
	time::Duration,
};

use mutirao_data::{
	fetch::{check_url, is_public, FetchOptions, Fetcher},
	serve::{self, Limits, ReadOnly},
	store::Store,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Report;
use crate::{
	config::Data,
	disk::{free_bytes, GIB},
	exit::Failure,
};

/// How long the way through the public address may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Folders in folders of a store, at most.
const DEPTH: u32 = 4;
/// Bytes of the buffer that is sent through it.
const PROBE: usize = 4096;

/// Looks at the folder, its disk, and the public address. `is_for_all`: the chain is one whose buyers may
/// be anywhere, so that they do not reach an address of this machine or its network.
pub async fn check(report: &mut Report, data: &Data, is_for_all: bool) {
	if check_folder(report, &data.folder) {
		check_room(report, data);
	}
	check_tls(report, data);
	match &data.public_url {
		Some(url) if is_for_all && is_private(url) => {
			let found = format!("{url} is reached from this machine or its network alone");
			let remedy =
				"buyers are elsewhere: set data.public_url to an address or name of the public \
				internet, open its port, and call `mutirao-worker register`";
			report.warning("data plane", found, remedy);
		}
		_ => check_public_url(report, data).await,
	}
}

/// Whether a URL's host is this machine, or an address that is not of the public internet. Other names are
/// taken to be known everywhere.
pub(crate) fn is_private(url: &str) -> bool {
	let Ok(uri) = check_url(url) else { return false };
	let host = uri.host().unwrap_or_default();
	let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
	address.map_or(host.eq_ignore_ascii_case("localhost"), |address| !is_public(address))
}

/// Whether files can be made there.
fn check_folder(report: &mut Report, folder: &Path) -> bool {
	let shown = folder.display();
	let written = std::fs::create_dir_all(folder)
		.and_then(|()| tempfile::NamedTempFile::new_in(folder).map(drop));
	match written {
		Ok(()) => report.good("data folder", format!("{shown} can be written")),
		Err(error) => {
			let remedy = "make it belong to the worker's user, or change data.folder";
			report.error(
				Failure::Configuration,
				"data folder",
				format!("{shown}: {error}"),
				remedy,
			);
			return false;
		}
	}
	true
}

fn check_room(report: &mut Report, data: &Data) {
	let quota = data.quota_gib.saturating_mul(GIB);
	let used = bytes_in(&data.folder.join("store"), DEPTH);
	let Some(free) = free_bytes(&data.folder) else {
		report.note("disk", "how much is free cannot be told here", "");
		return;
	};
	let found = format!(
		"{} GiB free; the quota is {} GiB, of which {} are in use",
		free / GIB,
		data.quota_gib,
		used / GIB
	);
	match free.saturating_add(used) < quota {
		true => report.warning("disk", found, "lower data.quota_gib, or make room"),
		false => report.good("disk", found),
	}
}

/// Bytes of the files in a folder. (A store that a worker has open must not be opened.)
fn bytes_in(folder: &Path, depth: u32) -> u64 {
	let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
	let bytes = |entry: std::fs::DirEntry| match entry.metadata() {
		Ok(found) if found.is_dir() && depth > 0 => bytes_in(&entry.path(), depth - 1),
		Ok(found) if found.is_file() => found.len(),
		_ => 0,
	};
	entries.map(bytes).fold(0, u64::saturating_add)
}

fn check_tls(report: &mut Report, data: &Data) {
	let encrypted = data.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
	if let (Some(certificate), Some(key)) = (&data.tls_certificate, &data.tls_key) {
		match serve::tls::acceptor(certificate, key) {
			Ok(_) if encrypted => report.good("TLS", "certificate and key are read"),
			Ok(_) => {
				let remedy = "write https:// in data.public_url";
				report.warning("TLS", "it is served, but data.public_url says http://", remedy);
			}
			Err(error) => {
				report.error(Failure::Configuration, "TLS", error.to_string(), "change the files");
			}
		}
	} else if encrypted {
		report.note("TLS", "data.public_url says https://: a reverse proxy must end TLS", "");
	}
}

/// Serves a buffer that nobody else can have, and fetches it through the public address.
async fn check_public_url(report: &mut Report, data: &Data) {
	let Some(url) = &data.public_url else { return };
	let listener = match TcpListener::bind(data.listen).await {
		Ok(listener) => listener,
		Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
			check_running(report, url, data.listen).await;
			return;
		}
		Err(error) => {
			let found = format!("cannot listen on {}: {error}", data.listen);
			report.error(Failure::Configuration, "data plane", found, "change data.listen");
			return;
		}
	};
	match tokio::time::timeout(PATIENCE, probe(listener, url, data)).await {
		Ok(Ok(())) => report.good("data plane", format!("{url} leads here")),
		Ok(Err(error)) => unreachable(report, url, data.listen, &error),
		Err(_) => unreachable(report, url, data.listen, "no answer"),
	}
}

async fn probe(listener: TcpListener, url: &str, data: &Data) -> Result<(), String> {
	let text = |error: &dyn std::fmt::Display| error.to_string();
	let folder = tempfile::tempdir().map_err(|error| text(&error))?;
	let open = |name: &str| Store::open(folder.path().join(name), GIB);
	let (ours, theirs) =
		(open("ours").map_err(|e| text(&e))?, open("theirs").map_err(|e| text(&e))?);
	let bytes: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(PROBE).collect();
	let id = ours.put(&bytes).map_err(|error| text(&error))?;
	let tls = match (&data.tls_certificate, &data.tls_key) {
		(Some(certificate), Some(key)) => {
			Some(serve::tls::acceptor(certificate, key).map_err(|error| text(&error))?)
		}
		_ => None,
	};
	let stop = CancellationToken::new();
	let _stop_at_the_end = stop.clone().drop_guard();
	let router = serve::router(ours, Arc::new(ReadOnly));
	tokio::spawn(serve::run(listener, router, Limits::default(), tls, stop));
	let options = FetchOptions { allow_private: true, attempts: 1, ..FetchOptions::default() };
	let fetcher = Fetcher::new(options).map_err(|error| text(&error))?;
	let fetched = fetcher.fetch(&id, &[url.to_owned()], &theirs, &|_| {}).await;
	fetched.map(drop).map_err(|error| text(&error))
}

/// A worker listens already: its data plane must answer there.
async fn check_running(report: &mut Report, url: &str, listen: SocketAddr) {
	let options = FetchOptions { allow_private: true, attempts: 1, ..FetchOptions::default() };
	let Ok(fetcher) = Fetcher::new(options) else { return };
	// No job has this number: any answer in the data plane's words will do.
	let asked = tokio::time::timeout(PATIENCE, fetcher.missing_inputs(url, u64::MAX)).await;
	match asked {
		Ok(Ok(_)) => report.good("data plane", format!("{url} answers")),
		Ok(Err(error)) if error.to_string().contains("404") => {
			report.good("data plane", format!("{url} answers"));
		}
		Ok(Err(error)) => unreachable(report, url, listen, &error.to_string()),
		Err(_) => unreachable(report, url, listen, "no answer"),
	}
}

fn unreachable(report: &mut Report, url: &str, listen: SocketAddr, why: &str) {
	let found = format!("{url} does not lead to {listen}: {why}");
	let remedy = format!(
		"open the port, or correct data.public_url. Behind a router that does not lead its own network \
		 back this may be a false alarm: ask from elsewhere with `curl {url}/v1/health`"
	);
	report.warning("data plane", found, remedy);
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::doctor::Severity;

	fn data(folder: &Path, port: u16) -> Data {
		Data {
			folder: folder.into(),
			listen: SocketAddr::from(([127, 0, 0, 1], port)),
			public_url: Some(format!("http://127.0.0.1:{port}")),
			quota_gib: 1,
			..Data::default()
		}
	}

	async fn free_port() -> u16 {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		listener.local_addr().unwrap().port()
	}

	fn found<'a>(report: &'a Report, about: &str) -> (Severity, &'a str) {
		let finding = report.findings.iter().find(|finding| finding.about == about);
		let finding = finding.expect("is looked at");
		(finding.severity, &finding.found)
	}

	#[tokio::test]
	async fn an_address_that_leads_here_is_told_from_one_that_does_not() {
		let folder = tempfile::tempdir().unwrap();
		let mut data = data(folder.path(), free_port().await);
		let mut report = Report::default();
		check(&mut report, &data, false).await;
		assert_eq!(found(&report, "data plane").0, Severity::Good, "{}", report.text());
		assert_eq!(found(&report, "data folder").0, Severity::Good);
		data.public_url = Some(format!("http://127.0.0.1:{}", free_port().await));
		let mut report = Report::default();
		check(&mut report, &data, false).await;
		let (severity, text) = found(&report, "data plane");
		assert_eq!(severity, Severity::Warning);
		assert!(text.contains("does not lead"), "{text}");
	}

	#[tokio::test]
	async fn an_address_that_buyers_elsewhere_cannot_reach_is_no_good_on_a_chain_for_all() {
		let folder = tempfile::tempdir().unwrap();
		let data = data(folder.path(), free_port().await);
		let mut report = Report::default();
		check(&mut report, &data, true).await;
		let (severity, text) = found(&report, "data plane");
		assert_eq!(severity, Severity::Warning, "it leads here, but only from here");
		assert!(text.contains("this machine or its network alone"), "{text}");
	}

	#[test]
	fn private_hosts_are_told_from_public_ones() {
		for url in
			["http://127.0.0.1:4400", "http://localhost:1", "https://10.0.0.7", "http://[::1]"]
		{
			assert!(is_private(url), "{url}");
		}
		for url in ["https://gpu.example:4400", "http://8.8.8.8", "http://[2600::1]:80"] {
			assert!(!is_private(url), "{url}");
		}
	}

	#[tokio::test]
	async fn a_file_in_the_folders_place_and_a_quota_beyond_the_disk_are_told() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("file");
		std::fs::write(&file, "").unwrap();
		let mut report = Report::default();
		let mut data = Data { public_url: None, ..data(&file, 0) };
		check(&mut report, &data, false).await;
		assert_eq!(found(&report, "data folder").0, Severity::Error);
		assert_eq!(report.failure(), Some(Failure::Configuration));
		data.folder = folder.path().into();
		data.quota_gib = 1 << 30;
		let mut report = Report::default();
		check(&mut report, &data, false).await;
		assert_eq!(found(&report, "disk").0, Severity::Warning, "{}", report.text());
	}
}
