//! The catalogue: the services that people may find, for everybody to read.

use std::collections::BTreeMap;

use guichet_contract::{AppId, Department, Permission, PermissionName, Scope};
use guichet_package::manifest::Glaze;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{SubmissionKind, Version};

/// The words of one text by language tag: `en` and `zh-Hans`, and `default` where the manifest's own words stand.
pub type Texts = BTreeMap<String, String>;

/// A service in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Service {
    /// The app.
    #[schema(value_type = String)]
    pub app_id: AppId,
    /// The department that releases it.
    #[schema(value_type = String)]
    pub department: Department,
    /// The department's name by language tag.
    pub department_names: Texts,
    /// The name by language tag; the manifest's own under `default`.
    pub names: Texts,
    /// What it is for, by language tag; the manifest's own under `default`.
    pub descriptions: Texts,
    /// The manifest's glaze, which stands for a life event.
    pub glaze: String,
    /// The version that terminals take.
    pub version: Version,
    /// When it was released, in milliseconds since 1970.
    pub released_at_ms: u64,
    /// The parts of a terminal without which it is not offered there: `print`, `card`.
    pub requires: Vec<String>,
    /// The media type of its icon; none if browsers show none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Whether terminals that do not have it yet must wait.
    pub halted: bool,
}

/// A life event, by which services are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LifeEvent {
    /// The glaze that stands for it.
    pub glaze: String,
    /// What it is called, by language tag.
    pub names: Texts,
    /// How many services of the whole list belong to it.
    pub services: u64,
}

/// Services that people may find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceList {
    /// What was found, best first; without words to find, in the order of their ids.
    pub items: Vec<Service>,
    /// The life events of all that was found, of whichever event.
    pub events: Vec<LifeEvent>,
}

/// Something that a service may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServicePermission {
    /// The permission.
    #[schema(value_type = String)]
    pub name: PermissionName,
    /// What it is limited to; empty for no limit.
    #[schema(value_type = Object)]
    pub scope: Scope,
    /// What it means, in plain words by language tag.
    pub does: Texts,
    /// Why, in the department's words by language tag.
    pub reasons: Texts,
}

/// What came with one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceNews {
    /// The version.
    pub version: Version,
    /// What kind of release it was.
    #[serde(deserialize_with = "crate::submission::kind")]
    pub kind: SubmissionKind,
    /// When it was released, in milliseconds since 1970.
    pub released_at_ms: u64,
    /// What it may do that the one before might not.
    #[schema(value_type = Vec<String>)]
    pub may: Vec<PermissionName>,
    /// What it may no longer do.
    #[schema(value_type = Vec<String>)]
    pub no_longer: Vec<PermissionName>,
}

/// One service with all that people may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceDetail {
    /// What the list shows.
    #[serde(flatten)]
    pub service: Service,
    /// What it may do.
    pub permissions: Vec<ServicePermission>,
    /// The kinds of terminals that its manifest names; empty for all.
    pub device_types: Vec<String>,
    /// Whether every terminal gets this version by now.
    pub everywhere: bool,
    /// Its versions, newest first.
    pub news: Vec<ServiceNews>,
}

/// Whether people find a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shelf {
    /// The app.
    #[schema(value_type = String)]
    pub app_id: AppId,
    /// Whether it is on the shelf.
    pub listed: bool,
    /// Why, in somebody's words.
    pub reason: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

fn texts([english, chinese]: [&str; 2]) -> Texts {
    [("en", english), ("zh-Hans", chinese)].into_iter().map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect()
}

/// The life event that a glaze stands for, in English and in Simplified Chinese: the words that terminals have.
pub fn life_event(glaze: Glaze) -> [&'static str; 2] {
    match glaze {
        Glaze::Celadon => ["Home and residence", "居住落户"],
        Glaze::Indigo => ["School and papers", "上学证件"],
        Glaze::Ochre => ["Work and benefits", "工作补贴"],
        Glaze::Persimmon => ["Health and visits", "看病预约"],
        Glaze::Rose => ["Family", "结婚生育"],
        Glaze::Plum => ["Money and business", "缴费经营"],
        Glaze::Moss => ["Later life", "养老"],
        Glaze::Slate => ["Travel and tools", "出行与工具"],
    }
}

/// What a permission means to people, in English and in Simplified Chinese; none for one that has no words here.
pub fn plainly(permission: &str) -> Option<[&'static str; 2]> {
    Some(match permission {
        "host:storage" => [
            "Keep what you enter on the terminal; only this service can read it",
            "把您填的内容存在终端上，只有这项服务自己能读到",
        ],
        "host:network" => {
            ["Ask hosts on the network, and send them what you enter", "向网上的主机查询，并把您填的内容发给它们"]
        }
        "host:print" => ["Print on the terminal's printer", "用终端上的打印机打印"],
        "host:speech" => ["Read texts aloud; people near you can hear it, too", "把文字读出来，旁边的人也听得到"],
        "host:clipboard" => {
            ["Paste what you have copied, after you press a button", "在您按了按钮之后，粘贴您复制过的内容"]
        }
        "host:scan" => ["Scan the paper you put into the scanner", "扫描您放进扫描仪的纸"],
        "host:notify" => ["Show notices on the desktop", "在桌面上显示通知"],
        "host:files" => {
            ["Read files that you choose, and keep files where you want them", "读您选的文件，把文件存到您选的地方"]
        }
        "host:open-app" => ["Open other services that it has asked for", "替您打开它申请过的别的服务"],
        "host:telemetry" => ["Count how often some things happen, not to whom", "数一数几件事发生了多少次，不记是谁"],
        "host:card" => ["Read the card you put into the reader", "读您放进读卡器的卡"],
        _ => return None,
    })
}

impl LifeEvent {
    /// The event of a glaze, with so many services.
    pub fn new(glaze: Glaze, services: u64) -> Self {
        Self { glaze: glaze.to_string(), names: texts(life_event(glaze)), services }
    }
}

impl ServicePermission {
    /// A permission that is asked for, with its reasons.
    pub fn new(permission: Permission, reasons: Texts) -> Self {
        let does = match plainly(permission.name.as_str()) {
            Some(does) => texts(does),
            None => texts([&format!("Use “{}”", permission.name), &format!("使用“{}”", permission.name)]),
        };
        Self { name: permission.name, scope: permission.scope, does, reasons }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn news_of_a_newer_store_are_read() {
        let version = json!({ "code": 2, "name": "2.0.0" });
        let news = json!({ "version": version, "kind": "split", "released_at_ms": 0, "may": [], "no_longer": [] });
        assert_eq!(serde_json::from_value::<ServiceNews>(news).unwrap().kind, SubmissionKind::Unknown);
    }

    /// The home page of terminals has words of its own language; those for life events and permissions are the same house.
    #[test]
    fn terminals_and_catalogue_have_the_same_life_events_and_permissions() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/shell/src/home/text.js");
        let home = std::fs::read_to_string(path).unwrap();
        for glaze in Glaze::ALL {
            for words in life_event(glaze) {
                let line = format!("{glaze}: \"{words}\"");
                assert!(home.contains(&line), "{line} in {path}");
            }
        }
        let known = home.split('"').filter(|text| text.starts_with("host:"));
        for permission in known {
            assert!(plainly(permission).is_some(), "{permission}");
        }
    }
}
