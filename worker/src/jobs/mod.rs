//! The jobs of a provider, from the first look at an open job to the day when its results may go.
//!
//! Nothing here is driven by events. At every finalised block, and whenever something got done, each job
//! is looked at: what the journal remembers ([`Record`]), what the chain says ([`View`]), what is at
//! hand ([`Means`]); and [`decide`] says what to do next. So a crash, a restart, a lost or a repeated
//! message, a re-org or a jump of the clock cannot confuse it: the next look starts from the facts.
//!
//! | module | what it is about |
//! |---|---|
//! | `worker`, `run`, `plan`, `flights`, `tidying` | the loop, and what is under way |
//! | `parts`, `shared`, `error` | what all of it is made of, and how it fails |
//! | `calls`, `paying` | calls, and the money for their fees |
//! | `standstill`, `unwanted` | when calls wait, so that no fee is paid for nothing |
//! | `decide`, `view`, `record` | what to do next, and from what that follows |
//! | `journal`, `earnings`, `status` | what is remembered, and told |
//! | `policy`, `refusal`, `program`, `loops`, `load`, `acceptor`, `taking` | which jobs are taken |
//! | `gate`, `asking`, `inputs`, `waiting` | how their inputs come |
//! | `runner`, `faults`, `attester`, `opener`, `ending` | the steps |

mod acceptor;
mod asking;
mod attester;
mod calls;
mod decide;
mod earnings;
mod ending;
mod error;
mod faults;
mod flights;
mod gate;
mod inputs;
mod journal;
mod load;
mod loops;
mod opener;
mod parts;
mod paying;
mod plan;
mod policy;
mod program;
mod record;
mod refusal;
mod run;
mod runner;
mod shared;
mod standstill;
mod status;
mod taking;
#[cfg(test)]
pub(crate) mod tests;
mod tidying;
mod trouble;
mod unwanted;
mod view;
mod waiting;
mod worker;

pub use decide::{decide, Means, Step, Wait, PRESSING, RING_BLOCKS};
pub use earnings::Earnings;
pub use error::ActError;
pub use gate::UploadGate;
pub use inputs::{Inputs, Sources, SourcesError};
pub use journal::{Journal, JournalError};
pub use parts::{Limits, Parts, Serving};
pub use policy::{Facts, Needs, Policy, Terms, SLOWEST, UNMEASURED};
pub use record::{owner_of, Computed, Ended, FoundFault, Record, Sent, Times, What};
pub use refusal::Refusal;
pub use run::{run, JobsError};
pub(crate) use standstill::{is_filtered, Standstill};
pub use status::{JobStatus, Status};
pub use view::{observe, Attested, Moment, PendingDemand, Stage, View};
pub use worker::Worker;
