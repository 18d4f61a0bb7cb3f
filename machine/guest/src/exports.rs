//! What the host calls.
// `no_mangle` is the one thing that needs this: a function by that name must not exist elsewhere.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU8, Ordering};

use codec::{Decode, Encode};

use crate::{execute, handwritten, prepare, Reply, Request};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
	core::arch::wasm32::unreachable()
}

const MAILBOX_BYTES: usize = 4 * 1024 * 1024;

static MAILBOX: [AtomicU8; MAILBOX_BYTES] = [const { AtomicU8::new(0) }; MAILBOX_BYTES];

fn request(len: u32) -> Option<Request> {
	let bytes: Vec<u8> =
		MAILBOX.get(..len as usize)?.iter().map(|byte| byte.load(Ordering::Relaxed)).collect();
	Request::decode(&mut bytes.as_slice()).ok()
}

fn reply(bytes: &[u8]) -> u32 {
	for (cell, byte) in MAILBOX.iter().zip(bytes) {
		cell.store(*byte, Ordering::Relaxed);
	}
	bytes.len() as u32
}

/// Where the mailbox is.
#[no_mangle]
pub extern "C" fn mailbox() -> u32 {
	MAILBOX.as_ptr() as usize as u32
}

/// Runs the request in the mailbox; returns the reply's length.
#[no_mangle]
pub extern "C" fn run(len: u32) -> u32 {
	let done = match request(len) {
		Some(request) => execute(&request),
		None => Reply::Void("the request does not decode".into()),
	};
	reply(&done.encode())
}

/// Runs the request in the mailbox so many times; returns the steps of one run, 0 for none.
#[no_mangle]
pub extern "C" fn repeat(len: u32, times: u32) -> u64 {
	let Some(prepared) = request(len).and_then(|request| prepare(&request).ok()) else {
		return 0;
	};
	(0..times).map(|_| prepared.run().map_or(0, |run| run.steps)).last().unwrap_or(0)
}

/// Computes, so many times, what a kernel of the catalogue computes, by plain Rust; returns a
/// checksum of the last result.
#[no_mangle]
pub extern "C" fn handwritten(kernel: u32, size: u32, times: u32) -> u32 {
	handwritten::repeat(kernel, size, times)
}
