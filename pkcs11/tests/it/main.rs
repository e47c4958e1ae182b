//! Keys on a token, against SoftHSM 2.

mod keys;
mod office;
