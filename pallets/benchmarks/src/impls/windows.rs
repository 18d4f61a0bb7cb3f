//! Windows: opened by chance, ended by time.

use crate::{Chosen, Config, Current, Ended, Event, NextWindow, Pallet, WeightInfo, WindowOf};
use frame_support::{
	defensive,
	traits::{Get, Time},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use mutirao_traits::{Checker, Clock, Programs, Scores};
use mutirao_types::{
	benchmark::{EndedWindow, Window, WindowStart},
	transcript_root, BufferId, WindowId,
};
use sp_runtime::traits::{SaturatedConversion, Saturating};

/// Whether a block's VRF output opens a window: one in `interval` does.
pub fn opens(output: &[u8; 32], interval: u32) -> bool {
	let mut bytes = b"mutirao window".to_vec();
	bytes.extend(output);
	let mut number = [0; 8];
	number.copy_from_slice(&BufferId::of(&bytes).hash[..8]);
	u64::from_le_bytes(number).checked_rem(interval.into()) == Some(0)
}

/// What the seed of a window is drawn for.
fn subject(window: WindowId) -> [u8; 10] {
	let mut subject = *b"window\0\0\0\0";
	subject[6..].copy_from_slice(&window.to_le_bytes());
	subject
}

impl<T: Config> Pallet<T> {
	/// What the beginning of a block does: at most one step of the window's way.
	pub(crate) fn advance(now: BlockNumberFor<T>) -> Weight {
		let Some(window) = Current::<T>::get() else {
			return Self::open_by_chance(now);
		};
		if Self::stood_still(&window, now) {
			Self::void(&window);
			return T::WeightInfo::end_window();
		}
		if T::Clock::now() > window.prove_until {
			Self::end(&window);
			return T::WeightInfo::end_window();
		}
		let seeded_from = window.anchor.saturating_add(T::Checker::draw_blocks().into());
		if window.start.is_none() && now > seeded_from {
			Self::start(window);
			return T::WeightInfo::start_window();
		}
		T::WeightInfo::idle()
	}

	fn open_by_chance(now: BlockNumberFor<T>) -> Weight {
		let drawn = Chosen::<T>::get().filter(|benchmark| {
			T::LastVrf::get().is_some_and(|output| opens(&output, benchmark.interval))
		});
		let Some(benchmark) = drawn else {
			return T::WeightInfo::idle();
		};
		// So that the program stays, whatever governance chooses in the meantime.
		if T::Programs::acquire(&benchmark.program).is_err() {
			defensive!("a chosen program is registered; qed");
			return T::WeightInfo::idle();
		}
		let number = NextWindow::<T>::get();
		NextWindow::<T>::put(number.saturating_add(1));
		let opened_at = T::Clock::now();
		// Claims can be in the block that knows the seed, and in `window_blocks` in all.
		let claim_until = opened_at
			.saturating_add(T::Checker::draw_blocks())
			.saturating_add(benchmark.window_blocks);
		let prove_until = claim_until.saturating_add(benchmark.prove_blocks);
		let offers = T::Scores::next_offer();
		Current::<T>::put(Window {
			number,
			benchmark,
			anchor: now,
			opened_at,
			claim_until,
			prove_until,
			offers,
			start: None,
		});
		Self::deposit_event(Event::WindowOpened {
			window: number,
			offers,
			claim_until,
			prove_until,
		});
		T::WeightInfo::open_window()
	}

	pub(crate) fn start(mut window: WindowOf<T>) {
		let number = window.number;
		// Nothing is committed to yet: the root of nothing.
		let root = transcript_root(&[]);
		let Ok(seed) = T::Checker::seed(window.anchor, &subject(number), &root) else {
			// A block without a VRF output.
			return Self::void(&window);
		};
		window.start = Some(WindowStart { seed, at_ms: T::Time::now() });
		Current::<T>::put(window);
		Self::deposit_event(Event::WindowStarted { window: number, seed });
	}

	pub(crate) fn end(window: &WindowOf<T>) {
		let Window { number, offers, prove_until: ended_at, .. } = *window;
		Ended::<T>::mutate(|ended| {
			if ended.len() as u32 >= T::RecentWindows::get() && !ended.is_empty() {
				ended.remove(0);
			}
			if ended.try_push(EndedWindow { number, offers, ended_at }).is_err() {
				defensive!("there is room for one more; qed");
			}
		});
		Self::close(window);
		Self::deposit_event(Event::WindowEnded { window: number });
	}

	fn void(window: &WindowOf<T>) {
		Self::close(window);
		Self::deposit_event(Event::WindowVoided { window: window.number });
	}

	fn close(window: &WindowOf<T>) {
		Current::<T>::kill();
		T::Programs::release(&window.benchmark.program);
	}

	/// Whether deadlines stood still while blocks went on: devices had more time than was meant.
	fn stood_still(window: &WindowOf<T>, now: BlockNumberFor<T>) -> bool {
		let blocks: u32 = now.saturating_sub(window.anchor).saturated_into();
		T::Clock::now().saturating_sub(window.opened_at) != blocks
	}
}
