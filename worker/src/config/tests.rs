//! Settings from all sources, and what is said about wrong ones.

use std::{fs, path::Path};

use super::*;

const DEVICE: &str = "[[device]]\nadapter = \"An adapter\"\nprice_per_gigastep = \"5 planck\"\n\
	minimum_price = \"0.001 MUT\"\nmaximum_price = \"2 MUT\"\nregion = \"BR-SP\"\n";

fn flag(path: &str, text: &str) -> Override {
	Override { path: path.into(), text: text.into(), origin: Origin::Flag("--set".into()) }
}

fn load_text(text: &str, overrides: &[Override]) -> Result<Loaded, ConfigError> {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("worker.toml");
	fs::write(&file, text).unwrap();
	load(Some(&file), overrides)
}

/// The error without the folder that differs from run to run.
#[track_caller]
fn error(text: &str, overrides: &[Override]) -> String {
	let error = load_text(text, overrides).err().expect("is refused").to_string();
	let lines = error.lines().map(|line| match line.find("worker.toml") {
		Some(at) if line.starts_with('/') => &line[at..],
		_ => line,
	});
	lines.collect::<Vec<_>>().join("\n")
}

fn leaf(loaded: &Loaded, path: &str) -> (String, String) {
	let leaf = loaded.leaves().into_iter().find(|leaf| leaf.path == path).expect("is a setting");
	let origin = match leaf.origin {
		Origin::File { line, .. } => format!("line {line}"),
		origin => origin.to_string(),
	};
	(leaf.value.to_string(), origin)
}

#[test]
fn a_flag_beats_the_environment_the_environment_the_file_the_file_the_default() {
	let text = "[data]\nquota_gib = 1\nfolder = \"/a\"\nlisten = \"0.0.0.0:1\"\n";
	let variable = |name: &str, text: &str| (name.to_owned(), text.to_owned());
	let mut overrides = from_environment([
		variable("MUTIRAO_WORKER_DATA_QUOTA_GIB", "2"),
		variable("MUTIRAO_WORKER_DATA_FOLDER", "/b"),
		variable("MUTIRAO_WORKER_KEY", "is a secret, not a setting"),
		variable("HOME", "/root"),
	])
	.unwrap();
	overrides.push(flag("data.quota_gib", "3"));
	let loaded = load_text(text, &overrides).unwrap();
	let expected = [
		("data.quota_gib", "3", "--set"),
		("data.folder", "\"/b\"", "MUTIRAO_WORKER_DATA_FOLDER"),
		("data.listen", "\"0.0.0.0:1\"", "line 4"),
		("data.allow_private_sources", "false", "default"),
		("keys.provider", "null", "default"),
	];
	for (path, value, origin) in expected {
		assert_eq!(leaf(&loaded, path), (value.into(), origin.into()), "{path}");
	}
}

#[test]
fn every_kind_of_value_can_be_set_by_text() {
	let provider = "gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21";
	let overrides = [
		flag("chain.endpoints", "ws://a, wss://b"),
		flag("keys.provider", provider),
		flag("policy.accept", "false"),
		flag("policy.margin", "2"),
		flag("policy.slowest", "3"),
		flag("policy.minimum_profit", "1.5 MUT"),
		flag("watch.workgroups", "all"),
		flag("watch.jobs", "mine"),
		flag("metrics.listen", "127.0.0.1:1"),
	];
	let config = load(None, &overrides).unwrap().config;
	assert_eq!(config.chain.endpoints, ["ws://a", "wss://b"]);
	assert_eq!(config.keys.provider.unwrap().to_string(), provider);
	assert_eq!((config.policy.accept, config.policy.margin), (false, 2.0));
	assert_eq!(config.policy.slowest, 3.0);
	assert_eq!(config.policy.minimum_profit, Money(1_500_000_000_000));
	assert_eq!((config.watch.workgroups, config.watch.jobs), (Workgroups::All, Watched::Mine));
	let more = [flag("watch.workgroups", "9")];
	assert_eq!(load(None, &more).unwrap().config.watch.workgroups, Workgroups::Some(9));
	// The same account, as other chains' wallets show it.
	let other = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let config = load(None, &[flag("keys.provider", other)]).unwrap().config;
	assert_eq!(config.keys.provider.unwrap().to_string(), provider);
}

#[test]
fn errors_name_the_file_the_line_and_the_setting() {
	let expected = [
		("[data]\n\nlisten = \"x\"", "worker.toml:3: data.listen: invalid socket address syntax"),
		("[data]\nquota_gib = \"x\"", "worker.toml:2: data.quota_gib: invalid type: string"),
		("[data]\nquotta = 1", "worker.toml:2: data.quotta: unknown field `quotta`, expected"),
		("[dta]\n", "worker.toml:1: dta: unknown field `dta`, expected"),
		("[data\n", "worker.toml:1: unclosed table"),
		("[watch]\nworkgroups = 0", "worker.toml:2: watch.workgroups: give a number"),
		("[keys]\nprovider = \"5F\"", "worker.toml:2: keys.provider: `5F` is no address"),
		(
			"[policy]\nminimum_profit = \"1\"",
			"worker.toml:2: policy.minimum_profit: `1` has no unit",
		),
		("[[device]]\nadapter = \"x\"", "worker.toml:1: device.0: missing field"),
	];
	for (text, start) in expected {
		let error = error(text, &[]);
		assert!(error.starts_with(start), "{text}\ngives: {error}");
	}
	let region = DEVICE.replace("BR-SP", "Brazil");
	assert!(
		error(&region, &[]).starts_with("worker.toml:6: device.0.region: `Brazil` is no region")
	);
}

#[test]
fn all_senseless_values_are_told_at_once_and_where_they_were_set() {
	let text = format!(
		"[data]\npublic_url = \"gpu.example\"\ntls_key = \"k\"\n{}{DEVICE}",
		DEVICE.replace("2 MUT", "1 planck")
	)
	.replace("region", "offer = 7\nregion");
	let error =
		error(&text, &[flag("metrics.listen", "0.0.0.0:1"), flag("chain.endpoints", "http://a")]);
	let starts = [
		"--set: chain.endpoints: a node's address begins",
		"worker.toml:2: data.public_url: give http://",
		"worker.toml:3: data.tls_key: TLS needs both",
		"worker.toml:8: device.0.maximum_price: it is less",
		"worker.toml:16: device.1.offer: two devices",
		"--set: metrics.listen: status and metrics are for this machine",
	];
	let lines: Vec<_> = error.lines().collect();
	assert_eq!(lines.len(), starts.len(), "{error}");
	for (line, start) in lines.iter().zip(starts) {
		assert!(line.starts_with(start), "{line}\ndoes not start with {start}");
	}
}

#[test]
fn wrong_flags_and_variables_are_told_by_name() {
	let unknown = load(None, &[flag("data.quota", "1")]).err().unwrap().to_string();
	assert!(unknown.starts_with("--set: there is no setting `data.quota`"), "{unknown}");
	assert!(unknown.contains("data.quota_gib"), "{unknown}");
	let value = load(None, &[flag("data.quota_gib", "much")]).err().unwrap().to_string();
	assert!(value.starts_with("--set: data.quota_gib: invalid type: string"), "{value}");
	let variable = ("MUTIRAO_WORKER_DATA_QUOTA".to_owned(), "1".to_owned());
	let variable = from_environment([variable]).unwrap_err().to_string();
	assert!(variable.contains("MUTIRAO_WORKER_DATA_QUOTA_GIB"), "{variable}");
}

#[test]
fn a_missing_file_says_how_to_get_one() {
	let error = load(Some(Path::new("/nowhere/worker.toml")), &[]).err().unwrap().to_string();
	assert!(error.contains("/nowhere/worker.toml") && error.contains("init"), "{error}");
}

#[test]
fn offers_are_written_where_they_belong_and_nothing_else_changes() {
	let text =
		format!("# mine\n{DEVICE}\n{DEVICE}offer = 3 # the old one\n\n[policy]\naccept = true\n");
	let edited = with_offers(&text, &[(0, 41), (1, 42)]).unwrap();
	let config: Config = toml::from_str(&edited).unwrap();
	assert_eq!(config.device.iter().map(|d| d.offer).collect::<Vec<_>>(), [Some(41), Some(42)]);
	let expected = text
		.replacen("[[device]]", "[[device]]\noffer = 41", 1)
		.replace("offer = 3 #", "offer = 42 #");
	assert_eq!(edited, expected);
	assert_eq!(with_offers(&edited, &[(0, 41), (1, 42)]).unwrap(), edited, "again changes nothing");
	assert!(matches!(with_offers(&text, &[(2, 1)]), Err(EditError::NoDevice(2))));
	let inline =
		"device = [{ adapter = \"a\", price_per_gigastep = \"1 MUT\", minimum_price = \"1 MUT\", \
		maximum_price = \"1 MUT\", region = \"BR\" }]";
	assert!(matches!(with_offers(inline, &[(0, 1)]), Err(EditError::Form(_))));
}

#[test]
fn what_init_writes_is_read_back_as_it_was_told() {
	let device = DeviceAnswer {
		adapter: "An \"adapter\" \\ 1".into(),
		price_per_gigastep: Money(7),
		minimum_price: Money(1_000_000_000),
		maximum_price: Money(5_000_000_000_000),
		region: "BR-SP".parse().unwrap(),
		watts: 350,
	};
	let answers = Answers {
		endpoints: vec!["ws://a:1".into(), "wss://b".into()],
		provider: "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY".parse().unwrap(),
		hot_key_file: "/etc/mutirao/worker.key".into(),
		allow_development_keys: true,
		listen: "0.0.0.0:4400".parse().unwrap(),
		public_url: Some("https://gpu.example:4400".into()),
		folder: "/var/lib/mutirao".into(),
		quota_gib: 12,
		metrics: "127.0.0.1:4402".parse().unwrap(),
		devices: vec![device.clone(), DeviceAnswer { adapter: "vm".into(), ..device }],
	};
	let loaded = load_text(&template(&answers), &[]).unwrap();
	let config = loaded.config;
	assert_eq!(config.chain.endpoints, answers.endpoints);
	assert_eq!(config.keys.provider, Some(answers.provider));
	assert_eq!(config.keys.hot_key_file, Some(answers.hot_key_file));
	assert!(config.keys.allow_development_keys);
	assert_eq!((config.data.listen, config.data.quota_gib), (answers.listen, 12));
	assert_eq!(config.data.public_url, answers.public_url);
	assert_eq!(config.metrics.listen, answers.metrics);
	// What nobody was asked is written out with its default.
	assert_eq!((config.policy, config.watch), (Policy::default(), Watch::default()));
	for (device, told) in config.device.iter().zip(&answers.devices) {
		assert_eq!(device.adapter, told.adapter);
		assert_eq!(device.price_per_gigastep, told.price_per_gigastep);
		assert_eq!(
			(device.minimum_price, device.maximum_price),
			(told.minimum_price, told.maximum_price)
		);
		assert_eq!((device.region, device.watts, device.offer), (told.region, 350, None));
	}
	assert_eq!(config.device.len(), 2);
}
