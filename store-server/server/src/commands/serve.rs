//! `serve`: everything that runs for as long as the store is open.

use std::{fs::File, net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::{net::TcpListener, sync::watch};

use super::{problems, say};
use crate::{
    admission, audit,
    checks::{self, Checks},
    delta,
    error::{NotDone, StoreError},
    folder::StoreFolder,
    freshness, http,
    organisation::{Organisation, Settings},
    publish,
    store::Store,
    transparency,
};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    folder: super::Folder,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// How many requests a person or a token may make within a minute; an address may make five times as many.
    #[arg(long, value_name = "NUMBER", default_value_t = http::MOST_REQUESTS, value_parser = clap::value_parser!(u32).range(1..))]
    requests_per_minute: u32,
    /// Whether machines look at what is handed in before people do; `gates`: only the checks that it waits for, without pages on terminals
    #[arg(long, value_enum, value_name = "WHICH", default_value = "on")]
    checks: Switch,
    /// How much of a bucket is also kept in the folder, in MiB; about.
    #[arg(long, value_name = "MIB", default_value_t = super::CACHE_MIB, value_parser = clap::value_parser!(u64).range(64..=1 << 30))]
    blobs_cache: u64,
    /// Let people sign in through the organisation that this file describes (OpenID Connect).
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Gates,
    Off,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), NotDone> {
    let mut store = arguments.folder.open_with(arguments.blobs_cache).await?;
    store.paces = http::Paces::of(arguments.requests_per_minute);
    store.checks = match arguments.checks {
        Switch::On => Some(Checks::of_this_program()),
        Switch::Gates => Some(Checks::of_this_program().gates_only()),
        Switch::Off => None,
    };
    if let Some(path) = &arguments.organisation {
        store.organisation = Some(Organisation::new(Settings::read(path)?, store.settings.base_url()));
    }
    let store = Arc::new(store);
    let _in_use = occupy(&store.folder)?;
    let place = store.folder.database().shown();
    let _serving = store.database.serve().await?.ok_or_else(|| problems::in_use(&place))?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| problems::cannot_listen(arguments.listen, &error.to_string()))?;
    serve(store, listener, stopped()).await.map_err(StoreError::for_operator)
}

/// Makes up for whatever an earlier run left undone, then answers until `stop`.
pub async fn serve(
    store: Arc<Store>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StoreError> {
    prepare(&store).await?;
    let address = listener.local_addr().map_err(StoreError::file("listen at", "the address"))?;
    let (tell, told) = watch::channel(false);
    let ahead = tokio::spawn(delta::watch(Arc::clone(&store), told.clone()));
    let looking = tokio::spawn(checks::watch(Arc::clone(&store), told.clone()));
    let watch = tokio::spawn(freshness::watch(Arc::clone(&store), told));
    say(&format!("listening on http://{address}"));
    http::serve(Arc::clone(&store), listener, stop).await;
    // The receiver is gone only if the task ended by itself, and then there is nothing to stop.
    let _ = tell.send(true);
    ahead.await.map_err(|source| StoreError::Task { operation: "make deltas ahead", source })?;
    watch.await.map_err(|source| StoreError::Task { operation: "keep the timestamp fresh", source })?;
    looking.await.map_err(|source| StoreError::Task { operation: "make checks", source })??;
    store.database.close().await;
    Ok(())
}

/// What every start does before the first answer: sweep, renew, publish what is missing.
pub async fn prepare(store: &Store) -> Result<(), StoreError> {
    http::restore(store).await?;
    publish::sweep(store).await?;
    admission::adopt(store).await?;
    admission::sweep(store).await?;
    transparency::catch_up(store).await?;
    transparency::restore(store).await?;
    freshness::renew(store).await?;
    publish::publish(store).await?;
    audit::restore(store).await?;
    // Witnesses that do not answer keep nobody from starting.
    publish::publish_or_lag(store).await;
    Ok(())
}

/// Two servers on one folder would sweep away each other's uploads.
fn occupy(folder: &StoreFolder) -> Result<File, NotDone> {
    let path = folder.serve_lock();
    let file = File::create(&path).map_err(StoreError::file("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(problems::in_use(&path.display().to_string()).into()),
    }
}

/// Ctrl-C, or the signal with which services are stopped.
pub(super) async fn stopped() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot hear ctrl-c");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(error) => {
            tracing::error!(%error, "cannot hear SIGTERM");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}
