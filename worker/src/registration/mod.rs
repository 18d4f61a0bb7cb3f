//! What it takes to make an account a provider whose devices are offered, and to undo it: plans, made of
//! what the chain says and what is wanted. Making one again after it was carried out gives an empty one.

mod leave;
mod need;
mod plan;

pub use leave::{plan_leave, LeavePlan, Standing, Then};
pub use need::{Need, HOT_KEY_FEES};
pub use plan::{plan, Chainside, NoPlan, Plan, Step, Wanted, WantedOffer};

#[cfg(test)]
mod tests;
