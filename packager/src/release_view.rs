//! A proposed release as a reviewer is shown it before signing: all of it was verified on this machine.

use guichet_package::{VerifiedPackage, release::EVERYONE};

use crate::{printer::Printer, proposal::Proposed, table};

/// What would be released, what it may do, and what of that is new.
pub(crate) fn text(package: &VerifiedPackage, proposed: &Proposed, printer: Printer) -> String {
    format!("{}{}", head(package, proposed, printer), permissions(package, proposed, printer))
}

fn head(package: &VerifiedPackage, proposed: &Proposed, printer: Printer) -> String {
    let release = &proposed.release;
    let manifest = package.file().localized_manifest(printer.lang.tag());
    let mut pairs = vec![
        (printer.pick("app", "应用"), format!("{}  {}", table::plain(&manifest.name), release.app_id)),
        (
            printer.pick("version", "版本"),
            format!("{} ({})", table::plain(&release.version.name), release.version.code),
        ),
        (printer.pick("release", "发布"), format!("{} {}", release.channel, release.sequence)),
        (printer.pick("package", "软件包"), release.container.sha256.to_string()),
        (
            printer.pick("sealed by", "封签"),
            format!("{}, {}", package.contents().department(), package.contents().sealed_by()),
        ),
        (printer.pick("roles", "角色"), proposed.roles.join(", ")),
    ];
    if let Some(previous) = &proposed.previous {
        let version = format!("{} ({})", table::plain(&previous.version.name), previous.version.code);
        pairs.push((printer.pick("replaces", "取代"), version));
    }
    if release.is_recall() {
        let text = printer
            .pick("the app; it runs nowhere until there is another release", "整个应用；在有新的发布之前哪里都不能用");
        pairs.push((printer.pick("takes back", "收回"), text.to_owned()));
    }
    if let Some(reason) = &release.reason {
        pairs.push((printer.pick("people read", "大家会看到"), table::plain(reason)));
    }
    let rollout = &release.rollout;
    if rollout.ceiling < EVERYONE || !rollout.groups.is_empty() || rollout.start > 0 {
        pairs.push((printer.pick("rollout", "放量"), serde_json::json!(rollout).to_string()));
    }
    if !release.terminals.is_empty() {
        pairs.push((printer.pick("terminals", "终端"), serde_json::json!(release.terminals).to_string()));
    }
    if release.floor > 0 {
        pairs.push((printer.pick("floor", "最低序号"), release.floor.to_string()));
    }
    if !release.revoked.is_empty() {
        pairs.push((printer.pick("recalled", "已召回"), serde_json::json!(release.revoked).to_string()));
    }
    if !release.health.is_empty() {
        pairs.push((printer.pick("health", "健康界限"), serde_json::json!(release.health).to_string()));
    }
    table::fields(pairs)
}

fn permissions(package: &VerifiedPackage, proposed: &Proposed, printer: Printer) -> String {
    let head = printer.pick("may do", "可以做");
    let release = &proposed.release;
    let widens = proposed.widens();
    let manifest = package.file().localized_manifest(printer.lang.tag());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for permission in &release.permissions {
        let before = proposed.allowed.iter().any(|allowed| allowed.name == permission.name);
        let mark = match (widens.contains(&permission), before) {
            (true, false) => printer.pick("+ new", "+ 新增"),
            (true, true) => printer.pick("→ wider", "→ 扩大"),
            (false, _) => printer.pick("as before", "与以前相同"),
        };
        let reason = manifest.req_permissions.iter().find(|request| request.permission == *permission);
        let reason = table::plain(reason.and_then(|request| request.reason.as_deref()).unwrap_or(""));
        let scope = if permission.scope.is_unlimited() {
            String::new()
        } else {
            serde_json::json!(permission.scope).to_string()
        };
        rows.push(vec![format!("  {}", permission.name), mark.to_owned(), reason, scope]);
    }
    for gone in
        proposed.allowed.iter().filter(|allowed| !release.permissions.iter().any(|now| now.name == allowed.name))
    {
        rows.push(vec![format!("  {}", gone.name), printer.pick("− no longer", "− 不再要").to_owned()]);
    }
    if rows.is_empty() {
        rows.push(vec![format!("  {}", printer.pick("nothing that needs a permission", "没有需要权限的事"))]);
    }
    format!("{head}\n{}", table::columns(&rows))
}
