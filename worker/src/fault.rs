//! Places at which tests stop the worker.
//!
//! A test of the whole program sets `MUTIRAO_FAULT_POINT` to one of [`POINTS`] and starts the worker; it
//! aborts when it comes there, as if the machine lost power. Started again without the variable, it must
//! go on as if nothing had happened.

use std::sync::OnceLock;

/// All places, in the order in which a job comes to them.
pub const POINTS: &[&str] = &[
	"before-accept",
	"after-accept",
	"before-compute",
	"after-compute",
	"after-check",
	"before-attest",
	"after-attest",
	"before-open",
	"after-open",
	"before-supply",
	"after-supply",
	"before-prove-fault",
	"after-prove-fault",
	"before-give-up",
	"after-give-up",
	"before-redraw",
	"after-redraw",
	"before-settle",
	"after-settle",
	"before-conclude",
	"after-conclude",
	"before-forget",
	"after-forget",
];

/// Stops here if a test asked for it.
pub fn point(name: &str) {
	static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
	let chosen = CHOSEN.get_or_init(|| std::env::var("MUTIRAO_FAULT_POINT").ok());
	if chosen.as_deref() == Some(name) {
		tracing::warn!("stopped at the fault point {name}");
		std::process::abort();
	}
	hook::reached(name);
}

/// The same within one process, for tests on one thread, of this crate and of others. Where no test has
/// set anything, it remembers nothing.
#[doc(hidden)]
pub mod hook {
	use std::cell::RefCell;

	#[derive(Default)]
	struct Hook {
		point: Option<String>,
		/// Times to pass the point before stopping there.
		skip: usize,
		stopped: bool,
		passed: Vec<String>,
	}

	thread_local! {
		static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
	}

	/// Stops this thread's worker at a point, once it came there `skip` times; `None` at no point.
	pub fn set(point: Option<&str>, skip: usize) {
		let point = point.map(str::to_owned);
		HOOK.with_borrow_mut(|hook| *hook = Some(Hook { point, skip, ..Hook::default() }));
	}

	/// Whether it stopped.
	pub fn stopped() -> bool {
		HOOK.with_borrow(|hook| hook.as_ref().is_some_and(|hook| hook.stopped))
	}

	/// The points that were passed since the last [`set`].
	pub fn passed() -> Vec<String> {
		HOOK.with_borrow(|hook| hook.as_ref().map_or_else(Vec::new, |hook| hook.passed.clone()))
	}

	pub(super) fn reached(name: &str) {
		let stop = HOOK.with_borrow_mut(|hook| {
			let Some(hook) = hook else { return false };
			assert!(super::POINTS.contains(&name), "{name} is not listed");
			hook.passed.push(name.to_owned());
			if hook.point.as_deref() == Some(name) {
				hook.stopped |= hook.skip == 0;
				hook.skip = hook.skip.saturating_sub(1);
			}
			// A process that was killed does nothing more, in no task.
			hook.stopped
		});
		if stop {
			std::panic::resume_unwind(Box::new("killed by a test"));
		}
	}
}
