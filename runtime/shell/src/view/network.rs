//! The process through which the pages of this window load their files: one for all views.
//!
//! WebKitGTK (2.50) starts one for every context that forgets everything, 13 MB each, unless there is a context that
//! remembers: then they all load through that one's. So there is one that remembers, in which nothing is ever shown. What
//! pages keep, cookies and caches, lies in sessions of their own in it, as it does in every browser; decision 0058.

use std::path::Path;

use webkit2gtk::{NetworkProxyMode, NetworkProxySettings, WebContext, WebsiteDataManager, WebsiteDataManagerExt as _};

use super::{NOWHERE, ViewError, folder::EngineFolder};

/// The process, as long as there are views.
pub(super) struct Network {
    _context: WebContext,
    folder: EngineFolder,
}

impl Network {
    /// Starts it.
    pub(super) fn start() -> Result<Self, ViewError> {
        let folder = EngineFolder::make().map_err(ViewError::Folder)?;
        let place = folder.path().to_string_lossy();
        let data = WebsiteDataManager::builder().base_data_directory(&*place).base_cache_directory(&*place).build();
        let context = WebContext::builder().website_data_manager(&data).build();
        // Nothing goes out of it either; and the engine makes what it is asked to set this for.
        let (host, port) = NOWHERE;
        let mut nowhere = NetworkProxySettings::new(Some(&format!("http://{host}:{port}")), &[]);
        data.set_network_proxy_settings(NetworkProxyMode::Custom, Some(&mut nowhere));
        Ok(Self { _context: context, folder })
    }

    /// Where it keeps what it keeps.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program ends, and drops nothing.
    pub(super) fn clear(&mut self) {
        self.folder.clear();
    }
}
