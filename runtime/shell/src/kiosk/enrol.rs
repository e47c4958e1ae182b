//! How a terminal gets its papers: with a code that somebody has made at the store, once.

use guichet_host::fleet;

use super::{error::KioskError, options::Options, supervisor::now_ms};

/// Puts the policy, the operator's key and the trust file in their places, and says whose terminal this is now.
pub(super) fn enrol(options: &Options, store: &str, code: &str) -> Result<(), KioskError> {
    let home = options.home().ok_or(KioskError::NoHome)?;
    let signed = fleet::enrol(&options.files(), &home, store, code, now_ms())?;
    let terminal = &signed.policy().terminal;
    println!("enrolled: {}, {}", terminal.hall, terminal.name);
    Ok(())
}
