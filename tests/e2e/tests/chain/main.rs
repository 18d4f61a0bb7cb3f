//! The chain as operators and wallets meet it: real nodes, public interfaces only.

mod bad_input;
mod candidate;
mod client;
mod development;
mod four_validators;
mod market_rpc;
mod operator;
mod profiles;
mod public_network;
mod upgrade;
mod wallets;
