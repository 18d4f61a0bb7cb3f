//! Buffers on disk and on the wire, named by their hash and checked piece by piece.
//!
//! | module | what |
//! |---|---|
//! | [`store`] | buffers in a folder, with a quota, pins and collection |
//! | [`wire`] | paths, media types and the buyer's upload token |
//! | [`serve`] | the HTTP server of a store |
//! | [`fetch`] | the client: fetches from several sources, uploads, resumes |
//!
//! Bytes travel as openings of whole pieces ([`wire::PIECE_CHUNKS`] chunks), the same openings that
//! the chain verifies (`docs/protocol/commitment.md`). Nothing unverified enters the store, and no
//! step needs more memory than a few pieces, whatever the buffer's size.
//!
//! `docs/data-plane.md` shows it in use; `openapi.json` describes the HTTP interface.

pub mod fetch;
pub mod serve;
pub mod store;
pub mod wire;
