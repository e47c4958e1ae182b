//! Every delta a store makes, as files: `make_delta OLD NEW DIR` writes `best.*` and `quick.*` into `DIR`.
//!
//! With `make_delta pack FOLDER OUT`, a folder becomes the canonical container that the deltas are between, sealed by a key
//! that is always the same.

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

use guichet_package::{
    Limits, PackageDraft,
    delta::make::{self, Effort},
};
use guichet_trust::sign::SecretKey;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["pack", folder, out] => pack(Path::new(folder), Path::new(out)),
        [old, new, folder] => make(&fs::read(old)?, &fs::read(new)?, Path::new(folder)),
        _ => Err("make_delta OLD NEW DIR | make_delta pack FOLDER OUT".into()),
    }
}

fn make(old: &[u8], new: &[u8], folder: &Path) -> Result<(), Box<dyn Error>> {
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes);
    put("quick.dcb", &make::dcb(old, new, Effort::Quick)?)?;
    put("quick.dcz", &make::dcz(old, new, Effort::Quick)?)?;
    put("best.dcb", &make::dcb(old, new, Effort::Best)?)?;
    put("best.dcz", &make::dcz(old, new, Effort::Best)?)?;
    if let Some(delta) = make::bsdiff(old, new)? {
        put("best.bsdiff", &delta)?;
    }
    Ok(())
}

fn pack(folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_str().ok_or("a name is not UTF-8")?.parse()?;
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    let package = PackageDraft::new(files, &Limits::default())?.seal(&SecretKey::generate([7; 32]))?;
    Ok(fs::write(out, package.bytes())?)
}
