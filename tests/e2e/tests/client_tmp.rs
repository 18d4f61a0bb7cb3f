//! Temporary.
#[test]
fn write() {
	let metadata = mutirao_runtime::Runtime::metadata_at_version(16).unwrap();
	std::fs::write("/tmp/client_metadata16.scale", &*metadata).unwrap();
}
