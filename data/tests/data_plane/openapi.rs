//! The OpenAPI document and the router say the same.

use std::collections::BTreeSet;

use mutirao_data::serve;
use serde_json::Value;

use crate::{
	plane::raw,
	support::{serve_all, store_with},
};

const METHODS: [&str; 8] = ["get", "head", "put", "post", "patch", "delete", "options", "trace"];

fn document() -> Value {
	serde_json::from_str(serve::OPENAPI).unwrap()
}

/// All operations of the document: method, path, and the operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
	let paths = document["paths"].as_object().unwrap();
	let all = paths.iter().flat_map(|(path, item)| {
		let of_item =
			item.as_object().unwrap().iter().filter(|(key, _)| METHODS.contains(&key.as_str()));
		of_item.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
	});
	all.collect()
}

#[test]
fn routes_and_document_are_equal() {
	let document = document();
	let described: BTreeSet<(String, String)> =
		operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
	let routed = serve::paths()
		.flat_map(|(path, methods)| {
			methods.iter().map(move |method| (method.to_string(), path.into()))
		})
		.collect();
	assert_eq!(described, routed);
}

#[test]
fn every_parameter_and_every_reference_is_there() {
	let document = document();
	for (method, path, operation) in operations(&document) {
		let shared = document["paths"][&path]["parameters"].as_array();
		let named: BTreeSet<&str> =
			shared.into_iter().flatten().map(|one| one["name"].as_str().unwrap()).collect();
		let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
		assert_eq!(named, in_path.collect(), "{method} {path}");
		assert!(operation["security"].is_array() && operation["operationId"].is_string(), "{path}");
	}
	let text = serve::OPENAPI;
	for reference in text.split("\"#/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
		assert!(document.pointer(&format!("/{reference}")).is_some(), "{reference}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_serves_it_and_answers_only_what_it_says() {
	let (_folder, store, _) = store_with(b"a");
	let server = serve_all(&store).await;
	let ask = async |method: &str, path: &str| {
		let request = format!(
			"{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
		);
		raw(server.address, &request).await
	};
	let (head, body) = ask("GET", "/v1/openapi.json").await;
	assert!(head.contains("content-type: application/json"), "{head}");
	assert_eq!(body, serve::OPENAPI.as_bytes());
	let document = document();
	let described: BTreeSet<(String, String)> =
		operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
	for (path, _) in serve::paths() {
		let filled = path
			.replace("{hash}", &"0".repeat(64))
			.replace("{piece}", "0")
			.replace("{job}", "1")
			.replace("{index}", "0");
		for method in ["GET", "PUT", "POST", "DELETE", "PATCH"] {
			let head = ask(method, &filled).await.0;
			let allowed = described.contains(&(method.to_owned(), path.to_owned()));
			assert_eq!(!head.starts_with("http/1.1 405"), allowed, "{method} {path}: {head}");
		}
	}
}
