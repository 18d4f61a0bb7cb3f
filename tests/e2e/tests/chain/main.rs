//! The chain as operators and wallets meet it: real nodes, public interfaces only.

mod bad_input;
mod development;
mod four_validators;
mod operator;
mod upgrade;
mod wallets;
