//! Which authorities are trusted for `https`.

use std::{
	env, io,
	path::{Path, PathBuf},
	sync::Arc,
};

use tokio_rustls::rustls::{
	crypto::ring,
	pki_types::{pem::PemObject, CertificateDer},
	ClientConfig, RootCertStore,
};

use super::FetchError;

/// Where systems keep their authorities' certificates: Debian, Fedora, openSUSE, Alpine.
const BUNDLES: [&str; 4] = [
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
];

/// TLS with the authorities of a file, of `SSL_CERT_FILE`, or of the system. Without any, `https`
/// sources fail, and `http` ones work.
pub(super) fn tls(authorities: Option<&Path>) -> Result<ClientConfig, FetchError> {
	let named =
		authorities.map(Path::to_owned).or_else(|| env::var_os("SSL_CERT_FILE").map(PathBuf::from));
	let system = || BUNDLES.iter().map(PathBuf::from).find(|path| path.exists());
	let mut roots = RootCertStore::empty();
	if let Some(path) = named.or_else(system) {
		let failed = |error: String| {
			let path = path.display().to_string();
			FetchError::Authorities { path, source: io::Error::other(error) }
		};
		let certificates = CertificateDer::pem_file_iter(&path)
			.and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
			.map_err(|error| failed(error.to_string()))?;
		if roots.add_parsable_certificates(certificates).0 == 0 {
			return Err(failed("there is no usable certificate".into()));
		}
	}
	let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
		.with_safe_default_protocol_versions()
		.map_err(|error| FetchError::Authorities {
			path: "the TLS library".into(),
			source: io::Error::other(error),
		})?;
	Ok(config.with_root_certificates(roots).with_no_client_auth())
}
