//! `init`: a folder becomes a store.

use std::path::PathBuf;

use guichet_package::TrustFile;
use guichet_trust::{
    editor::{Draft, NewDelegation},
    log::VerifierKey,
    metadata::{Document, Targets},
    sign::PublicKey,
};

use super::{keyholder, problems, say};
use crate::{
    clock::Clock,
    database::{Database, commit},
    error::{NotDone, StoreError},
    folder::{Settings, StoreFolder},
    keys::{OfflineKeys, OnlineKeys},
    publish, repository,
    store::Store,
    transparency,
};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    folder: super::OfflineFolder,
    /// Where devices will find the static files.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8480/static")]
    static_url: String,
    /// Where programs will find the API.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8480/api/v1")]
    api_url: String,
    /// The transparency log's name, for good [default: the address of its files].
    #[arg(long, value_name = "NAME")]
    log_origin: Option<String>,
    /// A witness of the log: its key and its address; may be given more than once.
    #[arg(long = "witness", value_name = "KEY URL", value_parser = super::log::witness)]
    witnesses: Vec<(VerifierKey, String)>,
    /// How many of the witnesses must sign [default: more than half].
    #[arg(long, value_name = "NUMBER")]
    quorum: Option<u64>,
}

/// What a new store is made of.
#[derive(Clone, Debug)]
pub struct NewStore {
    /// Its folder; must not be a store yet.
    pub folder: StoreFolder,
    /// Where the offline keys are put.
    pub offline: PathBuf,
    /// Where devices will find the static files.
    pub static_url: String,
    /// Where programs will find the API.
    pub api_url: String,
    /// The log's name; by default the address of its files.
    pub log_origin: Option<String>,
    /// Who must sign the log besides its own key, each with its address.
    pub witnesses: Vec<(VerifierKey, String)>,
    /// How many of them; by default more than half.
    pub quorum: Option<u64>,
    /// Whether a first release and one by a new key need as many reviewers as one that widens.
    pub second_reviewer: bool,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), NotDone> {
    let folder = arguments.folder.store.named()?;
    let offline = arguments.folder.offline.unwrap_or_else(|| folder.offline());
    if keyholder::uri(&offline).is_some() {
        return Err(problems::no_folder_for_keys().into());
    }
    let new = NewStore {
        folder: folder.clone(),
        offline: offline.clone(),
        static_url: arguments.static_url,
        api_url: arguments.api_url,
        log_origin: arguments.log_origin,
        witnesses: arguments.witnesses,
        quorum: arguments.quorum,
        second_reviewer: true,
    };
    init(&new, Clock::System).await?;
    say(&format!("made a store; hosts are given {}", folder.trust_file().display()));
    say(&format!("keep {} away from the server: whoever has it decides what every device trusts", offline.display()));
    Ok(())
}

/// Makes a store: keys, first metadata, the trust file and the static files.
pub async fn init(new: &NewStore, clock: Clock) -> Result<Store, NotDone> {
    let folder = &new.folder;
    if folder.settings().exists() || folder.database_file().exists() {
        return Err(problems::already_a_store(&folder.settings().display().to_string()).into());
    }
    let settings = Settings {
        format: Settings::FORMAT,
        static_url: new.static_url.trim_end_matches('/').to_owned(),
        api_url: new.api_url.trim_end_matches('/').to_owned(),
        log_origin: new.log_origin.clone(),
        passkeys_required: false,
        second_reviewer: new.second_reviewer,
    };
    // Both addresses are judged before anything is made.
    TrustFile::new(b"{", &settings.static_url, &settings.api_url)
        .map_err(|refusal| crate::problems::package(&refusal))?;
    let location = folder.database();
    if location.is_postgres() && !Database::roots(&location).await?.is_empty() {
        return Err(problems::database_in_use(&location.shown()).into());
    }
    folder.create()?;
    let database = Database::open(&location, true).await?;
    let online = OnlineKeys::create(&folder.online())?;
    let offline = OfflineKeys::create(&new.offline)?;
    let listed = |role| online.first(role).map(|key| key.public());
    let root = root(&listed("snapshot")?, &listed("timestamp")?, &offline, clock.now_ms());
    let root = root.map_err(StoreError::document("sign the first root"))?;
    let trust_file = TrustFile::new(root.bytes(), &settings.static_url, &settings.api_url)
        .and_then(|file| file.to_text())
        .map_err(|refusal| crate::problems::package(&refusal))?;

    first_metadata(&database, &root, &online, &offline, clock.now_ms()).await?;
    database.close().await;
    folder.put(&folder.trust_file(), trust_file.as_bytes())?;
    let text = serde_json::to_string_pretty(&settings).map_err(StoreError::document("write the settings"))?;
    folder.put(&folder.settings(), format!("{text}\n").as_bytes())?;

    let store = Store::open(folder.clone(), clock).await?;
    let mut policy = transparency::policy(&mut *store.database.read().await?, &store.log).await?;
    for (key, url) in &new.witnesses {
        policy = transparency::add_witness(&store, key, url, None).await?;
    }
    if let Some(quorum) = new.quorum {
        policy = transparency::set_quorum(&store, quorum).await?;
    }
    transparency::write_trust_file(&store, &policy)?;
    publish::publish(&store).await?;
    publish::publish_or_lag(&store).await;
    Ok(store)
}

fn root(
    snapshot: &PublicKey,
    timestamp: &PublicKey,
    offline: &OfflineKeys,
    now_ms: u64,
) -> Result<Document<guichet_trust::metadata::Root>, guichet_trust::Refusal> {
    let mut draft = Draft::first_root(now_ms.saturating_add(repository::OFFLINE_MS));
    draft.set_role("root", &[offline.root.public()], 1)?;
    draft.set_role("targets", &[offline.targets.public()], 1)?;
    draft.set_role("snapshot", &[*snapshot], 1)?;
    draft.set_role("timestamp", &[*timestamp], 1)?;
    Document::parse(draft.sign(&[&offline.root])?)
}

async fn first_metadata(
    database: &Database,
    root: &Document<guichet_trust::metadata::Root>,
    online: &OnlineKeys,
    offline: &OfflineKeys,
    now_ms: u64,
) -> Result<(), StoreError> {
    let expires_ms = now_ms.saturating_add(repository::OFFLINE_MS);
    let brake_key = online.first(repository::BRAKE)?;
    let documents = || -> Result<(Document<Targets>, Document<Targets>), guichet_trust::Refusal> {
        let mut targets = Draft::first_targets(expires_ms);
        targets.delegate(&NewDelegation {
            name: repository::BRAKE,
            keys: &[brake_key.public()],
            threshold: 1,
            paths: &["brake/*/*/*"],
            terminating: true,
        })?;
        let targets = Document::parse(targets.sign(&[&offline.targets])?)?;
        let brake = Draft::of_role(&targets, repository::BRAKE, None, expires_ms)?;
        let brake = Document::parse(brake.sign(&[&brake_key])?)?;
        Ok((targets, brake))
    };
    let (targets, brake) = documents().map_err(StoreError::document("sign the first targets"))?;
    let mut change = database.change().await?;
    repository::insert(&mut change, "root", root).await?;
    repository::insert(&mut change, "targets", &targets).await?;
    repository::insert(&mut change, repository::BRAKE, &brake).await?;
    repository::sign_snapshot(&mut change, online, now_ms).await?;
    repository::follow(&mut change, &[repository::BRAKE], now_ms).await?;
    commit(change).await
}
