//! What wallets show and sign over. The build script puts these same values into the metadata's
//! hash, so this file stands alone.

/// Shown by wallets and covered by the metadata hash.
pub const TOKEN_SYMBOL: &str = "MUT";
/// Decimal places that wallets show.
pub const TOKEN_DECIMALS: u8 = 12;
/// The prefix of SS58 addresses; free in the public registry when it was chosen.
pub const SS58_PREFIX: u16 = 4711;
