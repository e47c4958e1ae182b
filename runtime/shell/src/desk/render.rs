//! What the host's own page is told: the whole state as JSON (`src/home/README.md`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_host::{Listing, Problem};
use guichet_package::{Address, shown::shown_name};
use serde_json::{Value, json};

use super::{Desk, LANGUAGE, Notice, OpenApp, Status};

impl Desk {
    /// The state as the host's own page draws it.
    pub(crate) fn render(&self) -> Value {
        json!({
            "lang": self.settings.lang,
            "mode": if self.open.is_some() { "app" } else { "home" },
            "elder": self.settings.elder,
            "contrast": self.settings.contrast,
            "theme": self.settings.theme,
            "library": self.library.as_ref().map(|library| library.iter().map(listing).collect::<Vec<_>>()),
            "progress": self.staging.iter().chain(&self.adding).map(|(app_id, percent)| (app_id.to_string(), json!(percent))).collect::<serde_json::Map<_, _>>(),
            "notices": self.all_notices(),
            "offline": self.offline_since_ms.map(|since_ms| json!({ "since_ms": since_ms })),
            "last": self.settings.last.as_ref().map(|last| json!({ "app_id": last.app_id, "opened_ms": last.opened_ms })),
            "may_scan": self.may_scan,
            "background": self.running_aside().collect::<Vec<_>>(),
            "app": self.open.as_ref().map(|open| open_app(open, self.is_look)),
            "panel": self.panel,
            "kiosk": self.seat.as_ref().map(|seat| seat.render(self.keys())),
            "error": self.error.as_ref().map(|(number, failure)| {
                let Problem { class, what, place, hint } = &failure.problem;
                json!({ "id": format!("e{number}"), "action": failure.action, "app_id": failure.app_id, "class": class,
                        "what": what, "where": place, "hint": hint })
            }),
        })
    }

    /// The page that is seen speaks another language than all around it.
    fn foreign(&self) -> Option<Value> {
        let open = self.open.as_ref().filter(|open| open.status == Status::Running)?;
        let lang = open.foreign.as_ref()?;
        Some(
            json!({ "id": LANGUAGE, "kind": "language", "app_id": open.app_id, "lang": lang, "typed": !open.typed.is_empty() }),
        )
    }

    fn all_notices(&self) -> Vec<Value> {
        let waiting = self.library.iter().flatten().filter(|listing| listing.staged && listing.choice.is_none());
        let waiting = waiting.filter_map(|listing| {
            let available = listing.available.as_ref()?;
            let is_back = listing.installed.as_ref().is_some_and(|now| available.version_code < now.version_code);
            let is_later = self.later.contains(&(listing.app_id.clone(), available.sequence));
            (!is_later).then(|| {
                json!({ "id": format!("update-{}-{}", listing.app_id, available.sequence), "kind": if is_back { "revert" } else { "update" },
                        "app_id": listing.app_id, "version_name": shown_name(&available.version_name) })
            })
        });
        let choices = self.library.iter().flatten().filter_map(|listing| {
            let choice = listing.choice.as_ref()?;
            let kept = listing.installed.as_ref().map(|installed| shown_name(&installed.version_name));
            Some(json!({ "id": format!("choice-{}", listing.app_id), "kind": "choice", "app_id": listing.app_id,
                         "version_name": kept, "back_to": shown_name(&choice.back_to), "has_failed": choice.has_failed }))
        });
        let stopped = self.library.iter().flatten().filter_map(|listing| {
            let id = |kind: &str| format!("{kind}-{}", listing.app_id);
            let notice = match (&listing.halted, listing.recalled) {
                (_, true) => {
                    json!({ "id": id("recalled"), "kind": "recalled", "app_id": listing.app_id, "reason": listing.recall_reason })
                }
                (Some(reason), _) => {
                    json!({ "id": id("halted"), "kind": "halted", "app_id": listing.app_id, "reason": reason })
                }
                _ => return None,
            };
            listing.installed.is_some().then_some(notice)
        });
        let stale = self
            .freshness
            .as_ref()
            .filter(|freshness| freshness.expired)
            .and_then(|freshness| freshness.expired_since_ms);
        let stale = stale.filter(|since| self.dismissed_stale != Some(*since));
        let stale = stale.map(|since_ms| json!({ "id": "stale", "kind": "stale", "since_ms": since_ms }));
        let kept = self.notices.iter().map(|(number, notice)| {
            let id = format!("n{number}");
            match notice {
                Notice::Updated(app_id, version) => {
                    json!({ "id": id, "kind": "updated", "app_id": app_id, "version_name": shown_name(version) })
                }
                Notice::Reverted(app_id, version) => {
                    json!({ "id": id, "kind": "reverted", "app_id": app_id, "version_name": shown_name(version) })
                }
                Notice::GoneBack(app_id, version) => {
                    json!({ "id": id, "kind": "gone-back", "app_id": app_id, "version_name": shown_name(version) })
                }
                Notice::WentBack(app_id, version) => {
                    json!({ "id": id, "kind": "went-back", "app_id": app_id, "version_name": shown_name(version) })
                }
                Notice::Added(app_id) => json!({ "id": id, "kind": "added", "app_id": app_id }),
                Notice::NoPage(app_id) => json!({ "id": id, "kind": "no-page", "app_id": app_id }),
                Notice::Unloaded(app_id) => json!({ "id": id, "kind": "unloaded", "app_id": app_id }),
                Notice::Erased(app_id) => json!({ "id": id, "kind": "erased", "app_id": app_id }),
                Notice::Removed(name) => json!({ "id": id, "kind": "removed", "name": name }),
            }
        });
        waiting.chain(choices).chain(stopped).chain(stale).chain(self.foreign()).chain(kept).collect()
    }
}

fn listing(listing: &Listing) -> Value {
    json!({
        "app_id": listing.app_id,
        "department": listing.department,
        "department_name": listing.department_name,
        "name": listing.name,
        "description": listing.description,
        "glaze": listing.glaze,
        "icon": listing.icon.as_ref().map(|icon| format!("data:{};base64,{}", icon.mime, STANDARD.encode(&icon.bytes))),
        "installed": listing.installed.as_ref().map(|installed| json!({
            "sequence": installed.sequence, "version_name": shown_name(&installed.version_name),
            "version_code": installed.version_code, "size": installed.size,
            "bytes_downloaded": installed.bytes_downloaded })),
        "available": listing.available.as_ref().map(|available| json!({
            "sequence": available.sequence, "version_name": shown_name(&available.version_name), "download_bytes": available.download_bytes })),
        "permissions": listing.permissions.iter().map(|line| json!({
            "name": line.name, "scope": line.scope, "reason": line.reason, "granted": line.granted })).collect::<Vec<_>>(),
        "staged": listing.staged,
    })
}

fn open_app(open: &OpenApp, is_unsealed: bool) -> Value {
    let (status, stopped) = match &open.status {
        Status::Opening | Status::Unloaded => ("opening", None),
        Status::Running => ("running", None),
        Status::Stopped { problem, at_ms } => (
            "stopped",
            Some(json!({ "class": problem.class, "what": problem.what, "hint": problem.hint, "at_ms": at_ms })),
        ),
    };
    let from = open.referrer().parse::<Address>().ok().map(|caller| caller.app_id);
    json!({ "app_id": open.app_id, "from": from, "version_name": shown_name(&open.version_name), "status": status,
            "can_go_back": open.can_go_back(), "stopped": stopped,
            "unsealed": is_unsealed,
            "tabs": open.tabs().map(|(tab, is_seen)| json!({ "page": tab.route, "name": tab.name, "seen": is_seen })).collect::<Vec<_>>(),
            "bar": json!({ "title": open.bar.title, "background": open.bar.background, "ink": open.bar.ink,
                           "hidden": open.bar.is_hidden }) })
}
