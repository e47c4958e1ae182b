//! How the parts of a terminal are, for whoever keeps it: nothing in it is about a citizen.

use guichet_contract::Part;

/// How well a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// It works.
    Ready,
    /// It works again when somebody has done something.
    Attention,
    /// It does not answer.
    Down,
}

/// One part of this terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What it serves.
    pub part: Part,
    /// What it is called here.
    pub name: String,
    /// How well it is.
    pub fitness: Fitness,
    /// What it needs, as a stable word; empty if nothing.
    pub needs: &'static str,
}
