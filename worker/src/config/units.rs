//! Values whose text has a form of its own.

use std::{fmt, str::FromStr};

use mutirao_client::{address, money, AccountId};
use mutirao_types::Region;
use serde::{de::Error as _, Deserialize, Deserializer, Serialize, Serializer};

/// An amount: `"1.5 MUT"`, `"300 planck"`. Held in planck.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Money(pub u128);

/// An account's address, as wallets write it; with whatever prefix it is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address(pub AccountId);

/// An ISO 3166 country, or a subdivision of it: `BR`, `BR-SP`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place(pub Region);

/// How many workgroups of a job are computed again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(into = "WorkgroupsText")]
pub enum Workgroups {
	/// So many, at random.
	Some(u32),
	/// All of them.
	All,
}

impl fmt::Display for Money {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&money::display(self.0))
	}
}

impl FromStr for Money {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		money::parse(text).map(Self).map_err(|error| error.to_string())
	}
}

impl fmt::Display for Address {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&address::display(&self.0))
	}
}

impl FromStr for Address {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let hint = "give an SS58 address, as wallets show it";
		text.parse().map(Self).map_err(|error| format!("`{text}` is no address: {error}; {hint}"))
	}
}

impl fmt::Display for Place {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let subdivision = self.0.subdivision.iter().take_while(|byte| **byte != 0);
		let subdivision: String = subdivision.map(|byte| char::from(*byte)).collect();
		write!(f, "{}", String::from_utf8_lossy(&self.0.country))?;
		match subdivision.as_str() {
			"" => Ok(()),
			subdivision => write!(f, "-{subdivision}"),
		}
	}
}

impl FromStr for Place {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let region = || {
			let (country, rest) = text.split_once('-').unwrap_or((text, ""));
			let mut subdivision = [0; 3];
			subdivision.get_mut(..rest.len())?.copy_from_slice(rest.as_bytes());
			let region = Region { country: country.as_bytes().try_into().ok()?, subdivision };
			region.is_well_formed().then_some(region)
		};
		let hint = "give an ISO 3166 country or subdivision, such as BR or BR-SP";
		region().map(Self).ok_or_else(|| format!("`{text}` is no region: {hint}"))
	}
}

macro_rules! as_text {
	($($type:ty),*) => {$(
		impl Serialize for $type {
			fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
				serializer.collect_str(self)
			}
		}

		impl<'de> Deserialize<'de> for $type {
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
			}
		}
	)*};
}
as_text!(Money, Address, Place);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WorkgroupsText {
	Number(u32),
	Word(String),
}

impl From<Workgroups> for WorkgroupsText {
	fn from(workgroups: Workgroups) -> Self {
		match workgroups {
			Workgroups::Some(number) => Self::Number(number),
			Workgroups::All => Self::Word("all".into()),
		}
	}
}

impl<'de> Deserialize<'de> for Workgroups {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let wrong = || D::Error::custom("give a number of workgroups, at least 1, or \"all\"");
		match WorkgroupsText::deserialize(deserializer).map_err(|_| wrong())? {
			WorkgroupsText::Number(number) if number > 0 => Ok(Self::Some(number)),
			WorkgroupsText::Word(word) if word == "all" => Ok(Self::All),
			_ => Err(wrong()),
		}
	}
}
