//! The key ceremony: the next root or targets is prepared at the store, signed by keyholders on machines of their own,
//! and brought back. `docs/guides/key-ceremony.md` walks through it.

use std::{fs, path::PathBuf};

use guichet_trust::{
    editor::{Ceremony, Draft, Question, read_root, read_targets},
    metadata::{Document, Expiry, Signers, TOP_LEVEL_ROLES, Targets},
    sign::{KeyId, PublicKey},
};
use sqlx::AnyConnection;

use super::{keyholder::Keyholder, problems, say};
use crate::{
    audit::{self, Deed},
    brake,
    database::commit,
    error::{NotDone, StoreError},
    folder::put_secret,
    keys::ONLINE,
    people::Actor,
    publish,
    repository::{self, Authority},
    review,
    store::Store,
};

/// No file of a ceremony is longer.
const MAX_BYTES: u64 = 16 << 20;

const SIGN: &str = "prepare the next document";

#[derive(Debug, clap::Args)]
pub(super) struct Prepare {
    #[command(flatten)]
    folder: super::Folder,
    /// The role whose keys change: root, targets, snapshot, timestamp, brake, a department, or <department>-wide.
    role: String,
    /// A public key that signs for it from now on; may be given more than once.
    #[arg(long, value_name = "KEY")]
    add: Vec<PublicKey>,
    /// A public key, or the id of one, that no longer does; may be given more than once.
    #[arg(long, value_name = "KEY", value_parser = key_id)]
    remove: Vec<KeyId>,
    /// How many of its keys must sign.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// Make a new key of the store's own in place of the one it has: for snapshot, timestamp and brake.
    #[arg(long, conflicts_with_all = ["add", "remove"])]
    online: bool,
    /// Change no keys: give the document `root` or `targets` itself more time.
    #[arg(long, conflicts_with_all = ["add", "remove", "threshold", "online"])]
    renew: bool,
    /// Where to write the file that keyholders sign.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The file that `keys prepare` wrote.
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Sign {
    /// The file that `keys prepare` wrote.
    file: PathBuf,
    /// The keyholder's key, a file or a PKCS#11 URI.
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    folder: super::Folder,
    /// The signed file.
    file: PathBuf,
}

fn key_id(text: &str) -> Result<KeyId, String> {
    let id = text.parse::<PublicKey>().map(|key| key.id()).or_else(|_| text.parse::<KeyId>());
    id.map_err(|_| "it is a public key, `ed25519:` and 64 digits, or the 64 digits of its id".to_owned())
}

/// What is to change for a role.
#[derive(Clone, Debug, Default)]
pub struct KeyChange {
    /// Keys that sign from now on.
    pub add: Vec<PublicKey>,
    /// Keys that no longer do.
    pub remove: Vec<KeyId>,
    /// How many must sign; None leaves it as it is.
    pub threshold: Option<u64>,
    /// The store makes a new key of its own in place of those it has.
    pub online: bool,
    /// Nothing but the expiry of the document of this name.
    pub renew: bool,
}

/// Prints every role: how many of which keys must sign, and until when its document holds.
pub(super) async fn list(store: &Store) -> Result<(), NotDone> {
    let mut change = store.database.change().await?;
    let Authority { root, targets } = repository::authority(&mut change).await?;
    say(&format!("root {}, fingerprint {}, until {}", root.version(), root.digest(), root.expires()));
    for role in TOP_LEVEL_ROLES {
        print_signers(role, root.signed().signers(role).as_ref());
    }
    say(&format!("targets {}, until {}", targets.version(), targets.expires()));
    for delegation in targets.signed().delegations() {
        print_signers(&delegation.name, targets.signed().signers(&delegation.name).as_ref());
        let current: Option<Document<Targets>> = repository::parsed(&mut change, &delegation.name).await?;
        if let Some(current) = current {
            say(&format!("  document {}, until {}", current.version(), current.expires()));
        }
    }
    Ok(())
}

fn print_signers(role: &str, signers: Option<&Signers>) {
    let (keys, threshold) = (signers.map(Signers::keys).unwrap_or_default(), signers.map_or(0, Signers::threshold));
    say(&format!("{role}: {threshold} of {}", keys.len()));
    keys.iter().for_each(|key| say(&format!("  key {key}")));
}

pub(super) async fn run_prepare(arguments: Prepare) -> Result<(), NotDone> {
    let Prepare { folder, role, add, remove, threshold, online, renew, out } = arguments;
    let store = folder.open().await?;
    if out.exists() {
        return Err(problems::ceremony_file(&out.display().to_string(), "there is a file of this name already").into());
    }
    let ceremony = prepare_document(&store, &role, KeyChange { add, remove, threshold, online, renew }).await?;
    let bytes = ceremony.to_bytes().map_err(refused)?;
    put_secret(&out, &String::from_utf8_lossy(&bytes))?;
    print(&ceremony.question().map_err(refused)?);
    say(&format!("next: guichet-store keys sign {} --key KEYFILE, by each keyholder", out.display()));
    Ok(())
}

/// Prepares the next root, or the next targets if the role is delegated to; nothing in the store changes.
pub async fn prepare_document(store: &Store, role: &str, change: KeyChange) -> Result<Ceremony, NotDone> {
    let mut connection = store.database.change().await?;
    let Authority { root, targets } = repository::authority(&mut connection).await?;
    let expires_ms = store.clock.now_ms().saturating_add(repository::OFFLINE_MS);
    let is_of_root = if change.renew { role != "targets" } else { TOP_LEVEL_ROLES.contains(&role) };
    let signers = if is_of_root { root.signed().signers(role) } else { targets.signed().signers(role) };
    let KeyChange { mut add, mut remove, threshold, online, renew } = change;
    if online {
        if !ONLINE.contains(&role) {
            return Err(problems::not_online(role).into());
        }
        add.push(store.online.another(role)?);
        remove.extend(signers.map(|signers| signers.keys()).unwrap_or_default());
    }
    if is_of_root {
        let mut draft = Draft::next(&root, expires_ms);
        if !renew {
            draft.change_role(role, &add, &remove, threshold).map_err(refused)?;
        }
        let next = draft.sign(&[]).map_err(StoreError::document(SIGN))?;
        return Ok(Ceremony::of_root(&root, &next));
    }
    let mut draft = Draft::next(&targets, expires_ms);
    if !renew {
        add.iter().try_for_each(|key| draft.add_role_key(role, key)).map_err(refused)?;
        remove.iter().try_for_each(|key| draft.remove_role_key(role, key)).map_err(refused)?;
        if let Some(threshold) = threshold {
            draft.set_role_threshold(role, threshold).map_err(refused)?;
        }
    }
    let next = draft.sign(&[]).map_err(refused)?;
    Ok(Ceremony::of_targets(&root, &targets, &next))
}

pub(super) fn show(arguments: &Show) -> Result<(), NotDone> {
    print(&read(&arguments.file)?.question().map_err(refused)?);
    Ok(())
}

pub(super) fn sign(arguments: &Sign) -> Result<(), NotDone> {
    let mut ceremony = read(&arguments.file)?;
    let key = Keyholder::open(&arguments.key)?;
    let signature = key.sign(&ceremony.message(&key.public()).map_err(refused)?)?;
    ceremony.attach(&key.public(), &signature).map_err(refused)?;
    let bytes = ceremony.to_bytes().map_err(refused)?;
    // Aside and renamed: half a file would cost the signatures before this one.
    let aside = arguments.file.with_extension("part");
    fs::write(&aside, bytes).map_err(StoreError::file("write", &aside))?;
    fs::rename(&aside, &arguments.file).map_err(StoreError::file("replace", &arguments.file))?;
    print(&ceremony.question().map_err(refused)?);
    Ok(())
}

pub(super) async fn run_import(arguments: Import) -> Result<(), NotDone> {
    let store = arguments.folder.open().await?;
    let ceremony = read(&arguments.file)?;
    let question = import_document(&store, &ceremony).await?;
    say(&format!("published {} {}; devices follow it at their next look", question.role, question.version));
    Ok(())
}

/// Takes a signed document into the store: verified against what the store has, followed as a device would, published.
pub async fn import_document(store: &Store, ceremony: &Ceremony) -> Result<Question, NotDone> {
    let question = ceremony.question().map_err(refused)?;
    for need in &question.needs {
        if (need.signed_by.len() as u64) < need.threshold {
            let have = need.signed_by.len();
            return Err(problems::unsigned(question.role, need.by_root, have, need.threshold).into());
        }
    }
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let authority = repository::authority(&mut change).await?;
    insert(&mut change, &authority, &question, ceremony.document()).await?;
    review::lapse_unsigned(&mut change, now_ms).await?;
    if brake::sign_if_rekeyed(store, &mut change, now_ms).await? {
        tracing::info!("the brake is signed with its new key");
    }
    repository::sign_snapshot(&mut change, &store.online, now_ms).await?;
    // A department whose keys changed may have to sign again before its document counts: that is what was asked for.
    repository::follow(&mut change, &[repository::BRAKE], now_ms).await?;
    let about = format!("{} {}", question.role, question.version);
    audit::record(&mut change, Actor::Machine, Deed::new("keys.import", &about, None), now_ms).await?;
    commit(change).await?;
    publish::publish(store).await?;
    Ok(question)
}

async fn insert(
    connection: &mut AnyConnection,
    authority: &Authority,
    question: &Question,
    document: &[u8],
) -> Result<(), NotDone> {
    if question.root != authority.root.digest() {
        return Err(problems::ceremony_outdated("root").into());
    }
    if question.role == "root" {
        let next = read_root(Some(&authority.root), document).map_err(refused)?;
        return Ok(repository::insert(connection, "root", &next).await?);
    }
    if question.version != authority.targets.version() + 1 {
        return Err(problems::ceremony_outdated("targets").into());
    }
    let next = read_targets(&authority.root, document).map_err(refused)?;
    Ok(repository::insert(connection, "targets", &next).await?)
}

fn read(path: &std::path::Path) -> Result<Ceremony, NotDone> {
    let unreadable = |reason: &str| problems::ceremony_file(&path.display().to_string(), reason);
    let length = fs::metadata(path).map_err(|error| unreadable(&error.to_string()))?.len();
    if length > MAX_BYTES {
        return Err(unreadable("it is too long").into());
    }
    let bytes = fs::read(path).map_err(|error| unreadable(&error.to_string()))?;
    Ok(Ceremony::parse(&bytes).map_err(refused)?)
}

fn print(question: &Question) {
    let Question { role, version, expires, root, needs, roles, paths } = question;
    say(&format!("{role} {version}, until {}", Expiry::at(*expires)));
    say(&format!("read by the root with fingerprint {root}"));
    for change in roles {
        let (before, after) = change.threshold;
        say(&format!("{}: {before} signatures before, {after} after", change.role));
        change.removed.iter().for_each(|key| say(&format!("  - key {key}")));
        change.added.iter().for_each(|key| say(&format!("  + key {key}")));
    }
    paths.iter().for_each(|path| say(&format!("changes {path}")));
    for need in needs {
        say(&format!(
            "signed by {} of the {} that root {} asks for",
            need.signed_by.len(),
            need.threshold,
            need.by_root
        ));
    }
}

fn refused(refusal: guichet_trust::Refusal) -> guichet_api::Problem {
    problems::ceremony_refused(&refusal)
}
