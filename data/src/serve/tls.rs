//! TLS for the server, by rustls.

use std::{
	path::{Path, PathBuf},
	sync::Arc,
};

use thiserror::Error;
use tokio_rustls::{
	rustls::{
		self,
		crypto::ring,
		pki_types::{pem, pem::PemObject, CertificateDer, PrivateKeyDer},
		ServerConfig,
	},
	TlsAcceptor,
};

/// Why certificate and key cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
	/// A file is not PEM, or cannot be read.
	#[error("cannot read {what} in {path}; it must be PEM")]
	Pem {
		/// What should be there.
		what: &'static str,
		/// The file.
		path: PathBuf,
		/// Why not.
		source: pem::Error,
	},
	/// Certificate and key do not fit, or are of no use.
	#[error("certificate and key cannot be used together")]
	Key(#[from] rustls::Error),
}

/// Reads a chain of certificates, the server's own first, and its key; both PEM.
///
/// # Errors
///
/// If a file cannot be read or is not PEM, or the key is not the certificate's.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
	let failed = |what, path: &Path| {
		let path = path.to_owned();
		move |source| TlsError::Pem { what, path, source }
	};
	let chain = CertificateDer::pem_file_iter(certificate)
		.and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
		.map_err(failed("certificates", certificate))?;
	let key = PrivateKeyDer::from_pem_file(key).map_err(failed("a private key", key))?;
	let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
		.with_safe_default_protocol_versions()?
		.with_no_client_auth()
		.with_single_cert(chain, key)?;
	config.alpn_protocols = vec![b"http/1.1".to_vec()];
	Ok(TlsAcceptor::from(Arc::new(config)))
}
