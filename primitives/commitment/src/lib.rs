//! Buffers named by their plain BLAKE3 hash and their length, and proofs of single chunks.
//!
//! A buffer's name ([`BufferId`]) holds the hash that `b3sum` prints. BLAKE3 splits its input into
//! chunks of 1 KiB and hashes them as a binary tree, so the same hash commits to each chunk: an
//! [`Opening`] shows chunks with the chaining values of the subtrees between them, and
//! [`Opening::verify`] recomputes the root. Openings are built from an [`Outboard`], the upper part
//! of a buffer's tree, and from the bytes around the opened chunks.
//!
//! `docs/protocol/commitment.md` has the encoding and the rules. All hashing is the `blake3`
//! crate's; the tree is that of section 2.1 of the [BLAKE3 paper].
//!
//! [BLAKE3 paper]: https://github.com/BLAKE3-team/BLAKE3-specs/blob/master/blake3.pdf
//!
//! ```
//! use mutirao_commitment::{BufferId, Opening};
//!
//! let data = vec![7; 100_000];
//! let opening = Opening::of(&data, &[3, 97]).unwrap();
//! let chunks = opening.verify(&BufferId::of(&data)).unwrap();
//! assert_eq!(chunks.get(97), Some(&data[97 * 1024..]));
//! ```
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod error;
mod id;
mod opening;
mod outboard;
mod tree;

pub use blake3::hazmat::ChainingValue;
pub use error::{ChunksError, OpenError, OpeningError, PastEnd};
pub use id::{BufferId, CHUNK_BYTES};
pub use opening::{Opening, VerifiedChunks};
pub use outboard::{Outboard, OutboardBuilder, GROUP_BYTES};
pub use tree::Subtree;
