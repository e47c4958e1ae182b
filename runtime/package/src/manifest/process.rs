//! The steps of *processing a MiniApp manifest* (MiniApp Manifest, section 5), member by member.

use guichet_contract::{AppId, Permission, PermissionName, Scope};
use oxilangtag::LanguageTag;
use serde_json::Value;

use super::{
    ColorScheme, Direction, Extension, Icon, Manifest, ManifestFault, ManifestRefusal, Note, PageRoute,
    PermissionRequest, PlatformVersion, Version, Widget, Window,
    members::{Members, whole},
    url::resolve,
};
use crate::json::{self, JsonFault};

/// Every member that is read, and those of Web App Manifest that MiniApp Manifest recommends to write besides
/// (M-base-2, M-base-4).
const KNOWN: &[&str] = &[
    "$schema",
    "app_id",
    "color_scheme",
    "description",
    "device_type",
    "dir",
    "guichet",
    "icons",
    "lang",
    "name",
    "pages",
    "platform_version",
    "req_permissions",
    "scope",
    "short_name",
    "start_url",
    "version",
    "widgets",
    "window",
];

const CODE: &str = "a whole number from 0 to 4294967295";

/// Processes a manifest's bytes: the manifest, and what was ignored or defaulted in it.
pub fn process(bytes: &[u8]) -> Result<(Manifest, Vec<Note>), ManifestRefusal> {
    let json = json::parse(bytes).map_err(|fault| {
        ManifestRefusal::whole(match fault {
            JsonFault::NotJson(why) => ManifestFault::NotJson(why),
            JsonFault::DuplicateMember(why) => ManifestFault::DuplicateMember(why),
        })
    })?;
    let Value::Object(object) = json else {
        return Err(ManifestRefusal::whole(ManifestFault::NotAnObject));
    };
    let mut notes = Vec::new();
    let manifest = process_object(&mut Members::new(&object, String::new(), &mut notes))?;
    Ok((manifest, notes))
}

/// The members of Web App Manifest come first and ours in the order of the text, so that of several faults the same one
/// is told everywhere (M-base-1, M-base-3).
fn process_object(members: &mut Members<'_>) -> Result<Manifest, ManifestRefusal> {
    members.note_unknown(KNOWN);
    let dir = members.optional("dir", "ltr, rtl or auto", direction).unwrap_or_default();
    let lang = members.optional("lang", "a BCP 47 language tag", language);
    let name = name(members)?;
    let short_name = members.optional("short_name", "a text that can be read", readable);
    let icons = icons(members)?;

    let app_id = app_id(members)?;
    let color_scheme = members.optional("color_scheme", "auto, light or dark", color_scheme);
    let description = members.optional_text("description");
    let device_type = members.optional("device_type", "a list of texts", texts);
    let pages = pages(members)?;
    let platform_version = platform_version(members)?;
    let req_permissions = req_permissions(members);
    let version = version(members)?;
    let widgets = widgets(members, platform_version.min_code);
    let window = Window::process(members);
    let guichet = Extension::process(members, &pages)?;
    check_pages(members, &pages, &widgets)?;
    Ok(Manifest {
        app_id,
        name,
        short_name,
        description,
        dir,
        lang,
        color_scheme,
        icons,
        pages,
        platform_version,
        version,
        device_type,
        req_permissions,
        widgets,
        window,
        guichet,
    })
}

/// M-app_id-1, M-app_id-2, M-app_id-3. The grammar is W3C's recommendation in lower case and with two labels: it becomes a host
/// name, a folder and a target path.
fn app_id(members: &Members<'_>) -> Result<AppId, ManifestRefusal> {
    let text = members.required_text("app_id")?;
    text.parse().map_err(|_| members.refuse("app_id", ManifestFault::AppId(text.to_owned())))
}

/// M-name-1. Our reading: a name of nothing but spaces is no name.
fn name(members: &Members<'_>) -> Result<String, ManifestRefusal> {
    members.required_text("name")?;
    members
        .get("name")
        .and_then(readable)
        .ok_or_else(|| members.refuse("name", ManifestFault::WrongType("a text that can be read")))
}

/// Web App Manifest, *process a text member*: spaces around it are left out, and nothing else is no text.
fn readable(value: &Value) -> Option<String> {
    Some(value.as_str()?.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// M-dir-1.
fn direction(value: &Value) -> Option<Direction> {
    match value.as_str()? {
        "ltr" => Some(Direction::Ltr),
        "rtl" => Some(Direction::Rtl),
        "auto" => Some(Direction::Auto),
        _ => None,
    }
}

/// M-color_scheme-1, D16.
fn color_scheme(value: &Value) -> Option<ColorScheme> {
    match value.as_str()? {
        "auto" => Some(ColorScheme::Auto),
        "light" => Some(ColorScheme::Light),
        "dark" => Some(ColorScheme::Dark),
        _ => None,
    }
}

/// M-lang-1.
fn language(value: &Value) -> Option<String> {
    LanguageTag::parse_and_normalize(value.as_str()?).ok().map(LanguageTag::into_inner)
}

/// M-device_type-1.
fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn code(value: &Value) -> Option<u32> {
    whole(value).and_then(|code| u32::try_from(code).ok())
}

/// M-platform_version-1, M-platform_version-2, M-platform_version-3, M-platform_version-4, D6, D17.
fn platform_version(members: &mut Members<'_>) -> Result<PlatformVersion, ManifestRefusal> {
    let object = members.required_object("platform_version")?;
    let place = members.place("platform_version");
    let mut inner = members.below(object, place);
    let min_code = inner.required("min_code")?;
    if !min_code.is_number() {
        return Err(inner.refuse("min_code", ManifestFault::WrongType("a number")));
    }
    Ok(PlatformVersion {
        min_code: code(min_code).ok_or_else(|| inner.refuse("min_code", ManifestFault::OutOfRange(CODE)))?,
        target_code: inner.optional("target_code", CODE, code),
        release_type: inner.optional_text("release_type"),
    })
}

/// M-version-1, M-version-2, M-version-3, M-version-4, D17.
fn version(members: &mut Members<'_>) -> Result<Version, ManifestRefusal> {
    let object = members.required_object("version")?;
    let place = members.place("version");
    let mut inner = members.below(object, place);
    let value = inner.required("code")?;
    if !value.is_number() {
        return Err(inner.refuse("code", ManifestFault::WrongType("a number")));
    }
    let code = match whole(value) {
        Some(number) if number <= 0 => {
            inner.note("code", "taken as 1, because it is not above 0");
            1
        }
        _ => code(value)
            .ok_or_else(|| inner.refuse("code", ManifestFault::OutOfRange("a whole number from 1 to 4294967295")))?,
    };
    Ok(Version { code, name: inner.required_text("name")?.to_owned() })
}

/// M-icons-1, M-icons-2; what `src` names must lie in the package (P-A15). The draft tests `icons["src"]` on the list
/// itself; our reading is that one usable icon must remain (D11).
fn icons(members: &mut Members<'_>) -> Result<Vec<Icon>, ManifestRefusal> {
    let items = members.required_list("icons")?;
    let icons: Vec<Icon> = each_object(members, "icons", items, |members| {
        let src = members.get("src").and_then(Value::as_str).ok_or("it has no text `src`")?;
        Ok(Icon {
            src: resolve(src).map_err(|why| format!("of its `src`: {why}"))?,
            sizes: members.optional("sizes", "a text such as 48x48 or any", sizes),
            label: members.optional_text("label"),
        })
    });
    if icons.is_empty() { Err(members.refuse("icons", ManifestFault::NoIcons)) } else { Ok(icons) }
}

/// M-icons-3. The `sizes` of HTML's `link`: `any`, or widths and heights without leading zeros.
fn sizes(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_length = |text: &str| !text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    let is_size = |token: &str| {
        token.eq_ignore_ascii_case("any")
            || token.split_once(['x', 'X']).is_some_and(|(width, height)| is_length(width) && is_length(height))
    };
    let is_all = !text.trim().is_empty() && text.split_ascii_whitespace().all(is_size);
    is_all.then(|| text.to_owned())
}

/// M-pages-1, M-pages-2, M-pages-4, D3.
fn pages(members: &mut Members<'_>) -> Result<Vec<PageRoute>, ManifestRefusal> {
    let items = members.required_list("pages")?;
    let mut pages: Vec<PageRoute> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let place = format!("/pages/{index}");
        let Some(text) = item.as_str() else {
            return Err(ManifestRefusal { place, fault: ManifestFault::WrongType("a text") });
        };
        match page(text) {
            Ok(page) if pages.contains(&page) => members.note_at(place, "skipped, because the page is listed before"),
            Ok(page) => pages.push(page),
            Err(why) => members.note_at(place, format!("skipped: {why}")),
        }
    }
    Ok(pages)
}

/// The route that a text of `pages` is, if it is one.
pub(crate) fn page_route(text: &str) -> Option<PageRoute> {
    page(text).ok()
}

/// M-pages-3: the extension is optional. URLs are relative to the package's root (D4), and those of elsewhere are
/// ignored (P-A15, D15).
pub(super) fn page(text: &str) -> Result<PageRoute, String> {
    let path = resolve(text).map_err(|why| why.to_string())?;
    PageRoute::new(&path).ok_or_else(|| "it is not a page route".to_owned())
}

/// An app needs a page to start at (D13), or widgets (G2); `start_url` and `scope` say nothing else (M-base-4).
fn check_pages(members: &mut Members<'_>, pages: &[PageRoute], widgets: &[Widget]) -> Result<(), ManifestRefusal> {
    let Some(first) = pages.first() else {
        if widgets.is_empty() {
            return Err(members.refuse("pages", ManifestFault::NoPages));
        }
        members
            .note("pages", "names no page; a package of widgets only is not standard, and other hosts may refuse it");
        return Ok(());
    };
    let start_url = members.optional_text("start_url");
    if start_url.is_some_and(|url| page(&url).as_ref() != Ok(first)) {
        members.note("start_url", format!("ignored: an app starts at the first of `pages`, `{first}`"));
    }
    let scope = members.optional_text("scope");
    if scope.is_some_and(|scope| !matches!(scope.trim(), "." | "./" | "/")) {
        members.note("scope", "ignored: an app's scope is its package, which is written \".\"");
    }
    Ok(())
}

/// M-req_permissions-1, M-req_permissions-2; what is read here is only asked for.
fn req_permissions(members: &mut Members<'_>) -> Vec<PermissionRequest> {
    let Some(items) = members.optional("req_permissions", "a list", Value::as_array) else { return Vec::new() };
    let requests = each_object(members, "req_permissions", items, |members| {
        members.note_unknown(&["name", "reason", "scope"]);
        let name = members.get("name").and_then(Value::as_str).ok_or("it has no text `name`")?;
        let name: PermissionName = name.parse().map_err(|why: guichet_contract::InvalidPermission| why.to_string())?;
        Ok(PermissionRequest {
            permission: Permission { name, scope: scope(members)? },
            reason: members.optional("reason", "a text that says something", |value| {
                value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
            }),
        })
    });
    let mut kept: Vec<PermissionRequest> = Vec::new();
    for request in requests {
        let name = &request.permission.name;
        if kept.iter().any(|one| one.permission.name == *name) {
            members.note("req_permissions", format!("`{name}` is asked for twice; the first counts"));
        } else {
            kept.push(request);
        }
    }
    kept
}

fn scope(members: &Members<'_>) -> Result<Scope, String> {
    let Some(value) = members.get("scope") else { return Ok(Scope::default()) };
    let object = value.as_object().ok_or("its `scope` is not an object")?;
    let limits =
        object.iter().map(|(name, limit)| (name.clone(), limit.clone())).collect::<std::collections::BTreeMap<_, _>>();
    Scope::try_from(limits).map_err(|why| format!("of its `scope`: {why}"))
}

/// M-widgets-1, M-widgets-2, D12; `min_code` may be a number or a text of digits (G4, D10).
fn widgets(members: &mut Members<'_>, platform_min_code: u32) -> Vec<Widget> {
    let Some(items) = members.optional("widgets", "a list", Value::as_array) else { return Vec::new() };
    each_object(members, "widgets", items, |members| {
        let name = members.get("name").and_then(Value::as_str).ok_or("it has no text `name`")?.to_owned();
        let path = page(members.get("path").and_then(Value::as_str).ok_or("it has no text `path`")?)?;
        let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let written = |value: &Value| value.as_str().filter(digits)?.parse().ok();
        let min_code = members.optional("min_code", CODE, |value| code(value).or_else(|| written(value)));
        Ok(Widget { name, path, min_code: min_code.unwrap_or(platform_min_code) })
    })
}

/// The items of a list that `read` accepts; the others are noted and skipped.
fn each_object<T>(
    members: &mut Members<'_>,
    list: &str,
    items: &[Value],
    read: impl Fn(&mut Members<'_>) -> Result<T, String>,
) -> Vec<T> {
    let mut kept = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let place = format!("/{list}/{index}");
        let read = match item.as_object() {
            Some(object) => read(&mut members.below(object, place.clone())),
            None => Err("it is not an object".to_owned()),
        };
        match read {
            Ok(item) => kept.push(item),
            Err(why) => members.note_at(place, format!("skipped: {why}")),
        }
    }
    kept
}
