//! A buyer's job, from offers to a signed receipt.
//!
//! | module | what |
//! |---|---|
//! | [`kernel`] | the program that is meant |
//! | [`offers`], [`wanted`] | who could do it, for how much |
//! | [`request`] | what is posted |
//! | [`buyer`], [`place`], [`post`], [`finish`] | choosing, posting and handing over, going on to the end |
//! | [`plane`] | bytes to and from providers |
//! | [`track`], [`record`], [`recover`] | what happened so far, kept over restarts |
//! | [`check`], [`verify`], [`contest`] | fetching and computing again; proving a lie |
//! | [`receipt`], [`save`] | what remains |

pub(crate) mod buyer;
pub(crate) mod check;
pub(crate) mod contest;
pub(crate) mod finish;
pub(crate) mod kernel;
pub(crate) mod offers;
pub(crate) mod place;
pub(crate) mod plane;
pub(crate) mod post;
pub(crate) mod receipt;
pub(crate) mod record;
pub(crate) mod recover;
pub(crate) mod request;
pub(crate) mod save;
#[cfg(test)]
mod tests;
pub(crate) mod track;
pub(crate) mod verify;
pub(crate) mod wanted;
