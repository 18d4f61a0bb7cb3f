//! `mutirao-worker bench`.

use clap::Args;
use mutirao_client::pallets::BenchmarksExt as _;
use serde::Serialize;

use super::{
	connect::connect,
	output::{doing, print},
	Common,
};
use crate::{
	config::Config,
	devices,
	energy::Meter,
	exit::{failed, Failure},
	measure::{measure, Measured, USUAL_WINDOW_BLOCKS, WORKLOADS},
};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker bench\n  \
	mutirao-worker bench --adapter nvidia -o json";

/// Arguments of `bench`. No money and no account are needed; stop `run` before, or both are slow.
#[derive(Args)]
pub(crate) struct Bench {
	/// A device: part of its adapter's name, or vm. Without it, those of the settings, or all hardware.
	#[arg(long, value_name = "NAME")]
	adapter: Vec<String>,
}

#[derive(Serialize)]
struct Report {
	window_blocks: u32,
	devices: Vec<DeviceReport>,
}

#[derive(Serialize)]
struct DeviceReport {
	adapter: String,
	driver: String,
	energy: String,
	kernels: Vec<KernelReport>,
	/// In steps per second, as the chain counts it.
	predicted_score: f64,
}

#[derive(Serialize)]
struct KernelReport {
	kernel: &'static str,
	steps: u64,
	gpu_s: f64,
	whole_s: f64,
	steps_per_second: f64,
}

impl Bench {
	/// Measures, and predicts.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let config = common.load_or_default()?.config;
		let window_blocks = window_blocks(&config).await;
		let mut report = Report { window_blocks, devices: Vec::new() };
		for adapter in self.adapters(&config).await? {
			report.devices.push(bench(&adapter, window_blocks).await?);
		}
		Ok(print(common.output, &report, text)?)
	}

	async fn adapters(&self, config: &Config) -> anyhow::Result<Vec<String>> {
		if !self.adapter.is_empty() {
			return Ok(self.adapter.clone());
		}
		if !config.device.is_empty() {
			return Ok(config.device.iter().map(|device| device.adapter.clone()).collect());
		}
		Ok(devices::hardware(&devices::list().await?))
	}
}

/// How long the chain measures, if it can be asked.
async fn window_blocks(config: &Config) -> u32 {
	let asking = async {
		let client = connect(config).await?;
		client.benchmark().await
	};
	match asking.await {
		Ok(Some(benchmark)) => benchmark.window_blocks,
		Ok(None) => USUAL_WINDOW_BLOCKS,
		Err(error) => {
			tracing::debug!("the usual window is taken: {error}");
			USUAL_WINDOW_BLOCKS
		}
	}
}

async fn bench(adapter: &str, window_blocks: u32) -> anyhow::Result<DeviceReport> {
	let broken =
		|error: &dyn std::fmt::Display| failed(Failure::Device, format!("{adapter}: {error}"));
	let folder = tempfile::tempdir()?;
	let opened = devices::open(adapter).await.map_err(|error| broken(&error))?;
	let info = opened.device.info();
	let mut kernels = Vec::new();
	let mut predicted_score = 0.0;
	for workload in &WORKLOADS {
		let tell = |size| doing(&format!("{}: {} of size {size}", info.name, workload.kernel));
		let measured = measure(&*opened.device, workload, folder.path(), tell).await;
		let measured = measured.map_err(|error| broken(&error))?;
		if workload.kernel == "benchmark_i8" {
			predicted_score = measured.score(window_blocks);
		}
		kernels.push(kernel(workload.kernel, &measured));
	}
	Ok(DeviceReport {
		adapter: info.name.clone(),
		driver: info.driver.clone(),
		energy: Meter::of(&info.name).to_string(),
		kernels,
		predicted_score,
	})
}

fn kernel(kernel: &'static str, measured: &Measured) -> KernelReport {
	KernelReport {
		kernel,
		steps: measured.steps,
		gpu_s: measured.gpu.as_secs_f64(),
		whole_s: measured.whole.as_secs_f64(),
		steps_per_second: measured.steps_per_second(),
	}
}

fn text(report: &Report) -> String {
	let mut text = String::new();
	for device in &report.devices {
		text += &format!("{} ({}), energy {}\n", device.adapter, device.driver, device.energy);
		for kernel in &device.kernels {
			text += &format!(
				"  {}: {:.3} gigasteps/s ({:.2} s on the device, {:.2} s in all)\n",
				kernel.kernel,
				kernel.steps_per_second / 1e9,
				kernel.gpu_s,
				kernel.whole_s
			);
		}
		text += &format!(
			"  predicted score: {:.3} gigasteps/s in a window of {} blocks\n",
			device.predicted_score / 1e9,
			report.window_blocks
		);
	}
	text
}
