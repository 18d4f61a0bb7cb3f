//! A buyer's job, from offers to a signed receipt.
//!
//! | module | what |
//! |---|---|
//! | [`kernel`] | the program that is meant |
//! | [`offers`], [`wanted`], [`changed`] | who could do it, for how much, and whether that still holds |
//! | [`request`] | what is posted |
//! | [`buyer`], [`place`], [`post`], [`finish`], [`settle`] | choosing, posting and handing over, going on to the end |
//! | [`plane`], [`upload`] | bytes to and from providers |
//! | [`track`], [`record`], [`recover`] | what happened so far, kept over restarts |
//! | [`check`], [`verify`], [`contest`], [`demands`] | fetching and computing again; proving a lie; what is withheld |
//! | [`costs`], [`receipt`], [`save`], [`prune`] | what remains, and how its deposit comes back |

pub(crate) mod buyer;
pub(crate) mod changed;
pub(crate) mod check;
pub(crate) mod contest;
pub(crate) mod costs;
pub(crate) mod demands;
pub(crate) mod finish;
pub(crate) mod kernel;
pub(crate) mod offers;
pub(crate) mod place;
pub(crate) mod plane;
pub(crate) mod post;
pub(crate) mod prune;
pub(crate) mod receipt;
pub(crate) mod record;
pub(crate) mod recover;
pub(crate) mod request;
pub(crate) mod save;
pub(crate) mod settle;
#[cfg(test)]
mod tests;
pub(crate) mod track;
pub(crate) mod upload;
pub(crate) mod verify;
pub(crate) mod wanted;
