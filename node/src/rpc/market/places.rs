//! How many market subscriptions are open, over all connections and on each.

use super::error::Error;
use std::{
	collections::BTreeMap,
	sync::{Mutex, MutexGuard, PoisonError},
};

/// Subscriptions that are served at once, over all connections.
const MOST: usize = 256;

/// Of these, the ones of one connection, so that no client takes the places of all others.
const MOST_OF_ONE: usize = 16;

/// The subscriptions of this process.
pub(super) static PLACES: Places = Places::new();

/// Open subscriptions by connection. Each listener numbers its connections itself, so those of two
/// listeners may share a number, and then its places.
pub(super) struct Places(Mutex<BTreeMap<usize, usize>>);

impl Places {
	const fn new() -> Self {
		Self(Mutex::new(BTreeMap::new()))
	}

	/// Takes a place for a subscription of this connection, until what is returned is dropped.
	///
	/// # Errors
	///
	/// If the connection, or all together, have as many as this node serves.
	pub(super) fn take(&self, connection: usize) -> Result<Place<'_>, Error> {
		let mut open = self.open();
		let of_one = open.get(&connection).copied().unwrap_or(0);
		if of_one >= MOST_OF_ONE {
			return Err(Error::TooManyOnConnection(MOST_OF_ONE));
		}
		// At most as many connections as places.
		if open.values().sum::<usize>() >= MOST {
			return Err(Error::TooManySubscriptions(MOST));
		}
		open.insert(connection, of_one + 1);
		Ok(Place { places: self, connection })
	}

	fn open(&self) -> MutexGuard<'_, BTreeMap<usize, usize>> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// A subscription's place, free again when dropped.
pub(super) struct Place<'a> {
	places: &'a Places,
	connection: usize,
}

impl Drop for Place<'_> {
	fn drop(&mut self) {
		let mut open = self.places.open();
		match open.get_mut(&self.connection) {
			Some(of_one) if *of_one > 1 => *of_one -= 1,
			_ => {
				open.remove(&self.connection);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn taken(places: &Places, connection: usize, count: usize) -> Vec<Place<'_>> {
		let one = |_| places.take(connection).ok();
		(0..count).map(one).collect::<Option<_>>().expect("there are places")
	}

	#[test]
	fn a_connection_has_so_many_places_and_leaves_the_rest_to_others() {
		let places = Places::new();
		let mut own = taken(&places, 7, MOST_OF_ONE);
		let refused = |connection| places.take(connection).err();
		assert!(matches!(refused(7), Some(Error::TooManyOnConnection(MOST_OF_ONE))));
		let others = taken(&places, 8, MOST_OF_ONE);
		own.pop();
		own.extend(taken(&places, 7, 1));
		assert!(matches!(refused(7), Some(Error::TooManyOnConnection(_))));
		drop((own, others));
		assert!(places.open().is_empty(), "connections that are gone are forgotten");
	}

	#[test]
	fn all_connections_together_have_so_many_places() {
		let places = Places::new();
		let connections = 0..MOST / MOST_OF_ONE;
		let mut all: Vec<_> =
			connections.flat_map(|connection| taken(&places, connection, MOST_OF_ONE)).collect();
		assert_eq!(all.len(), MOST);
		let refused = || places.take(1_000).err();
		assert!(matches!(refused(), Some(Error::TooManySubscriptions(MOST))));
		all.pop();
		let last = taken(&places, 1_000, 1);
		assert!(matches!(refused(), Some(Error::TooManySubscriptions(MOST))));
		drop(last);
	}
}
