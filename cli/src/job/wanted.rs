//! What a buyer asks of device, provider and price.

use clap::Args;
use mutirao_client::{
	money,
	types::{Permill, Region, Requirements},
	Balance,
};

use crate::show;

/// What is asked of device and provider.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WantedArgs {
	/// Where the device must stand: BR, or BR-SP.
	#[arg(long, value_parser = show::parse_region)]
	region: Option<Region>,
	/// The least measured speed, in steps per second.
	#[arg(long, value_name = "STEPS/S", default_value_t = 0)]
	min_score: u64,
	/// The least memory, in MiB.
	#[arg(long, value_name = "MIB", default_value_t = 0)]
	min_memory: u32,
	/// The least reputation: 0.9, or 90%. Strangers have 50%.
	#[arg(long, value_name = "SHARE", default_value = "0", value_parser = show::parse_share)]
	min_reputation: Permill,
	/// The most that the job may cost, the audit fee apart: '0.5 MUT'.
	#[arg(long, value_name = "MONEY", value_parser = money::parse)]
	pub(crate) max_price: Option<Balance>,
}

impl WantedArgs {
	/// The same in the chain's words.
	pub(crate) fn requirements(&self) -> Requirements {
		Requirements {
			steps_per_second: self.min_score,
			memory_mib: self.min_memory,
			region: self.region,
			reputation: self.min_reputation,
		}
	}
}
