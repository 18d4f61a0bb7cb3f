//! The chain as operators and wallets meet it: real nodes, public interfaces only.

mod bad_input;
mod candidate;
mod development;
mod four_validators;
mod operator;
mod profiles;
mod public_network;
mod upgrade;
mod wallets;
