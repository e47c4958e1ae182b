//! Where the documents lie among the targets, so that a delegation can name them by pattern.

use guichet_contract::{AppId, Channel, Department};

/// `apps/<department>/<app-id>/<channel>.json`.
pub fn release_path(department: &Department, app_id: &AppId, channel: &Channel) -> String {
    format!("apps/{department}/{app_id}/{channel}.json")
}

/// `keys/<department>.json`.
pub fn keys_path(department: &Department) -> String {
    format!("keys/{department}.json")
}

/// `brake/<department>/<app-id>/<channel>.json`.
pub fn brake_path(department: &Department, app_id: &AppId, channel: &Channel) -> String {
    format!("brake/{department}/{app_id}/{channel}.json")
}
