//! Hostile packages, made here and kept nowhere: one table of a name, the bytes, and the class they are refused by.
//!
//! The matrix of `samples/journeys` gives every one of them to every reader there is; the tests of this crate measure
//! what the library spends on them.
#![allow(dead_code, reason = "each of the tests that share this needs another part of it")]

mod app;
mod archives;
mod contents;
mod names;
pub(crate) mod zip;

use app::Base;
use zip::Zip;

/// A package that nobody may open.
pub(crate) struct Hostile {
    /// What it is, after what it was made from.
    pub(crate) name: String,
    /// The stable word it is refused by.
    pub(crate) class: &'static str,
    /// Whether only its statement is wrong: importing does not judge that, it makes another.
    pub(crate) only_in_statement: bool,
    pub(crate) bytes: Vec<u8>,
}

/// One way to spoil an archive, and how that is called.
type Spoiling = (&'static str, &'static str, fn(&mut Zip));

/// All of them, one after the other: together they are large.
pub(crate) fn hostile() -> impl Iterator<Item = Hostile> {
    let spoilings = archives::SPOILINGS.iter().chain(names::SPOILINGS);
    let spoiled = spoilings.flat_map(|(name, class, spoil)| {
        Base::ALL.map(|base| {
            let mut zip = base.zip();
            spoil(&mut zip);
            Hostile { name: format!("{}/{name}", base.name()), class, only_in_statement: false, bytes: zip.write() }
        })
    });
    spoiled.chain(archives::whole()).chain(contents::manifests()).chain(contents::statements())
}

/// Archives of other tools that importing takes over.
pub(crate) fn benign() -> [(&'static str, Vec<u8>); 4] {
    let folders = |mut zip: Zip| {
        for name in ["common/", "pages/"] {
            zip.entries.insert(0, app::folder(name));
        }
        zip
    };
    let reversed = |mut zip: Zip| {
        zip.entries.reverse();
        zip
    };
    [
        ("stored", Base::Stored.zip().write()),
        ("deflated", Base::Deflated.zip().write()),
        ("stored with folders", folders(Base::Stored.zip()).write()),
        ("deflated in another order", reversed(Base::Deflated.zip()).write()),
    ]
}

/// A package of ours, not sealed.
pub(crate) fn ours() -> Vec<u8> {
    app::package().bytes().to_vec()
}

/// The same app as another tool packs it.
pub(crate) fn deflated_app() -> Zip {
    Base::Deflated.zip()
}
