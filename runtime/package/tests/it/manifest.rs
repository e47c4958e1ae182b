//! MiniApp Manifest row by row: what is rejected, defaulted, skipped or dropped.

use guichet_package::{
    Manifest,
    manifest::{
        BackgroundTextStyle, ColorScheme, Direction, Glaze, ManifestRefusal, NavigationBarTextStyle, NavigationStyle,
        Note, Orientation, Window, process,
    },
};
use serde_json::{Value, json};

use crate::support::{MANIFEST, draft, files, sealed};

/// The good manifest with one member, named by a JSON pointer, set (or, with `None`, removed).
fn changed(pointer: &str, value: Option<Value>) -> Result<(Manifest, Vec<Note>), ManifestRefusal> {
    let mut manifest: Value = serde_json::from_str(MANIFEST).unwrap();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = manifest.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(parent.insert(member.to_owned(), value)),
        None => drop(parent.remove(member)),
    }
    process(manifest.to_string().as_bytes())
}

fn rejected(pointer: &str, value: impl Into<Option<Value>>, class: &str) {
    let value = value.into();
    let refusal = guichet_package::Refusal::from(changed(pointer, value.clone()).unwrap_err());
    assert_eq!(refusal.class(), class, "{pointer} = {value:?}");
}

/// Accepted, with nothing to note.
fn accepted(pointer: &str, value: Value) -> Manifest {
    let (manifest, notes) = changed(pointer, Some(value)).unwrap();
    assert_eq!(notes, [], "{pointer}");
    manifest
}

/// Accepted, but noted at exactly this place.
fn noted(pointer: &str, value: Value, place: &str) -> Manifest {
    let (manifest, notes) = changed(pointer, Some(value.clone())).unwrap();
    assert_eq!(notes.iter().map(|note| note.place.as_str()).collect::<Vec<_>>(), [place], "{pointer} = {value}");
    manifest
}

const MISSING: &str = "manifest/missing-member";
const TYPE: &str = "manifest/wrong-type";

#[test]
fn the_good_manifest_has_nothing_to_note() {
    let (manifest, notes) = process(MANIFEST.as_bytes()).unwrap();
    assert_eq!(notes, []);
    assert_eq!(manifest.pages[0].html(), "pages/home.html");
    assert_eq!(manifest.page("/pages/form.html").map(|page| page.as_str()), Some("pages/form"));
    assert_eq!(manifest.page("pages/other"), None);
}

#[test]
fn app_id_is_required_and_a_dotted_name() {
    rejected("/app_id", None, MISSING);
    rejected("/app_id", json!(7), TYPE);
    rejected("/app_id", json!("Gov.Example"), "manifest/app-id");
    rejected("/app_id", json!("single"), "manifest/app-id");
}

#[test]
fn name_is_required_and_readable() {
    rejected("/name", None, MISSING);
    rejected("/name", json!(["x"]), TYPE);
    rejected("/name", json!("  "), TYPE);
    assert_eq!(accepted("/name", json!(" A ")).name, "A");
}

#[test]
fn icons_without_a_good_src_are_dropped_and_one_must_remain() {
    rejected("/icons", None, MISSING);
    rejected("/icons", json!({"src": "a"}), TYPE);
    rejected("/icons", json!([]), "manifest/no-icons");
    rejected(
        "/icons",
        json!([{}, {"src": 7}, {"src": "https://a.example/x.png"}, {"src": "../x.png"}, "x"]),
        "manifest/no-icons",
    );
    let manifest = noted("/icons", json!([{"sizes": "any"}, {"src": "a.svg"}]), "/icons/0");
    assert_eq!(manifest.icons.len(), 1);
    assert_eq!(
        accepted("/icons", json!([{"src": "a.svg", "sizes": "48x48 96X96", "label": "L"}])).icons[0].label.as_deref(),
        Some("L")
    );
    assert_eq!(noted("/icons", json!([{"src": "a.svg", "sizes": "048x48"}]), "/icons/0/sizes").icons[0].sizes, None);
    assert_eq!(noted("/icons", json!([{"src": "a.svg", "label": 1}]), "/icons/0/label").icons[0].label, None);
}

#[test]
fn pages_are_texts_and_bad_urls_are_skipped() {
    rejected("/pages", None, MISSING);
    rejected("/pages", json!("pages/home"), TYPE);
    rejected("/pages", json!(["pages/home", 7]), TYPE);
    rejected("/pages", json!([]), "manifest/no-pages");
    rejected("/pages", json!(["https://a.example/", "//b/c", "../x", "a:b"]), "manifest/no-pages");
    let manifest = noted("/pages", json!(["../x", "pages/home.html"]), "/pages/0");
    assert_eq!(manifest.pages[0].as_str(), "pages/home");
    noted("/pages", json!(["pages/home", "/pages/home.html"]), "/pages/1");
    let (manifest, _) = process(
        MANIFEST
            .replace(
                r#""pages": ["pages/home", "pages/form"]"#,
                r#""pages": [], "widgets": [{"name": "W", "path": "w/w"}]"#,
            )
            .as_bytes(),
    )
    .unwrap();
    assert!(manifest.pages.is_empty(), "our reading: widgets alone are enough");
}

#[test]
fn platform_version_is_required_with_a_number() {
    rejected("/platform_version", None, MISSING);
    rejected("/platform_version", json!(1), TYPE);
    rejected("/platform_version/min_code", None, MISSING);
    rejected("/platform_version/min_code", json!("1"), TYPE);
    rejected("/platform_version/min_code", json!(-1), "manifest/out-of-range");
    rejected("/platform_version/min_code", json!(1.5), "manifest/out-of-range");
    assert_eq!(accepted("/platform_version/min_code", json!(2.0)).platform_version.min_code, 2);
    assert_eq!(accepted("/platform_version/target_code", json!(4)).platform_version.target_code, Some(4));
    assert_eq!(
        noted("/platform_version/target_code", json!("4"), "/platform_version/target_code")
            .platform_version
            .target_code,
        None
    );
    assert_eq!(
        accepted("/platform_version/release_type", json!("Beta1")).platform_version.release_type.as_deref(),
        Some("Beta1")
    );
    noted("/platform_version/release_type", json!(1), "/platform_version/release_type");
}

#[test]
fn version_is_required_and_counts_from_one() {
    rejected("/version", None, MISSING);
    rejected("/version", json!("1.0"), TYPE);
    rejected("/version/code", None, MISSING);
    rejected("/version/code", json!("3"), TYPE);
    rejected("/version/code", json!(1.5), "manifest/out-of-range");
    rejected("/version/code", json!(4_294_967_296_u64), "manifest/out-of-range");
    rejected("/version/code", json!(1e300), "manifest/out-of-range");
    assert_eq!(noted("/version/code", json!(0), "/version/code").version.code, 1);
    assert_eq!(noted("/version/code", json!(-7), "/version/code").version.code, 1);
    assert_eq!(accepted("/version/code", json!(4_294_967_295_u64)).version.code, u32::MAX);
    rejected("/version/name", None, MISSING);
    rejected("/version/name", json!(1.0), TYPE);
}

#[test]
fn optional_members_of_another_kind_are_dropped() {
    assert_eq!(accepted("/short_name", json!("S")).short_name.as_deref(), Some("S"));
    assert_eq!(noted("/short_name", json!(1), "/short_name").short_name, None);
    assert_eq!(noted("/description", json!(null), "/description").description, None);
    assert_eq!(accepted("/dir", json!("rtl")).dir, Direction::Rtl);
    assert_eq!(noted("/dir", json!("RTL"), "/dir").dir, Direction::Auto);
    assert_eq!(accepted("/lang", json!("zh-hans-cn")).lang.as_deref(), Some("zh-Hans-CN"));
    assert_eq!(noted("/lang", json!("not a tag"), "/lang").lang, None);
    assert_eq!(noted("/lang", json!(""), "/lang").lang, None);
    assert_eq!(accepted("/color_scheme", json!("dark")).color_scheme, Some(ColorScheme::Dark));
    assert_eq!(noted("/color_scheme", json!("sepia"), "/color_scheme").color_scheme, None);
    assert_eq!(accepted("/device_type", json!(["tv", "car"])).device_type.map(|types| types.len()), Some(2));
    assert_eq!(noted("/device_type", json!(["tv", 1]), "/device_type").device_type, None);
    assert_eq!(noted("/device_type", json!("tv"), "/device_type").device_type, None);
    noted("/theme", json!(1), "/theme");
    assert_eq!(accepted("/short_name", json!(" S ")).short_name.as_deref(), Some("S"));
    assert_eq!(noted("/short_name", json!("  "), "/short_name").short_name, None);
    noted("/start_url", json!("pages/form"), "/start_url");
    noted("/scope", json!("/pages/"), "/scope");
    accepted("/start_url", json!("pages/home"));
}

#[test]
fn bad_permission_requests_are_skipped() {
    let names = |manifest: Manifest| manifest.permissions().iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
    let good = json!({"name": "host:storage"});
    assert!(noted("/req_permissions", json!("host:storage"), "/req_permissions").req_permissions.is_empty());
    for bad in [
        json!("host:storage"),
        json!({}),
        json!({"name": ""}),
        json!({"name": 1}),
        json!({"name": "system.location"}),
        json!({"name": "host:print", "scope": 1}),
        json!({"name": "host:print", "scope": {"a": {}}}),
    ] {
        let manifest = noted("/req_permissions", json!([bad, good]), "/req_permissions/0");
        assert_eq!(names(manifest), ["host:storage"]);
    }
    assert_eq!(
        noted("/req_permissions", json!([{"name": "host:storage", "reason": 1}]), "/req_permissions/0/reason")
            .req_permissions[0]
            .reason,
        None
    );
    assert_eq!(names(noted("/req_permissions", json!([good, good]), "/req_permissions")), ["host:storage"]);
    let scoped = accepted("/req_permissions", json!([{"name": "host:network", "scope": {"domains": ["a.example"]}}]));
    assert!(!scoped.permissions()[0].scope.is_unlimited());
}

#[test]
fn bad_widgets_are_skipped_and_min_code_may_be_written_as_text() {
    let good = json!({"name": "W", "path": "widgets/w"});
    noted("/widgets", json!({}), "/widgets");
    for bad in [
        json!(1),
        json!({"name": "W"}),
        json!({"path": "w"}),
        json!({"name": "W", "path": "../w"}),
        json!({"name": 1, "path": "w"}),
    ] {
        assert_eq!(noted("/widgets", json!([bad, good]), "/widgets/0").widgets.len(), 1);
    }
    let min_code =
        |value: Value| accepted("/widgets", json!([{"name": "W", "path": "w", "min_code": value}])).widgets[0].min_code;
    assert_eq!(min_code(json!(3)), 3);
    assert_eq!(min_code(json!("3")), 3);
    assert_eq!(accepted("/widgets", json!([good])).widgets[0].min_code, 1, "the platform's");
    let bad = json!([{"name": "W", "path": "w", "min_code": "x"}]);
    assert_eq!(noted("/widgets", bad, "/widgets/0/min_code").widgets[0].min_code, 1);
}

#[test]
fn without_a_window_its_defaults_count() {
    let expected = Window::default();
    assert_eq!(process(MANIFEST.as_bytes()).unwrap().0.window, expected);
    assert_eq!(noted("/window", json!(1), "/window").window, expected);
    assert_eq!(accepted("/window", json!({})).window, expected);
    assert_eq!(expected.background_color.to_string(), "#ffffff");
    assert_eq!(expected.navigation_bar_background_color.to_string(), "#000000");
    assert_eq!((expected.design_width, expected.on_reach_bottom_distance), (750.0, 50.0));
}

#[test]
fn each_member_of_the_window_keeps_its_default_when_wrong() {
    let bad = [
        ("auto_design_width", json!("true")),
        ("background_color", json!("whitish")),
        ("background_color", json!("#12345")),
        ("background_text_style", json!("grey")),
        ("design_width", json!(-1)),
        ("design_width", json!("750")),
        ("enable_pull_down_refresh", json!(1)),
        ("fullscreen", json!("false")),
        ("navigation_bar_background_color", json!(0)),
        ("navigation_bar_text_style", json!("red")),
        ("navigation_bar_title_text", json!(false)),
        ("navigation_style", json!("none")),
        ("on_reach_bottom_distance", json!(null)),
        ("orientation", json!("auto")),
        ("unknown", json!(1)),
    ];
    for (member, value) in bad {
        let mut window = serde_json::Map::new();
        window.insert(member.to_owned(), value);
        assert_eq!(noted("/window", window.into(), &format!("/window/{member}")).window, Window::default(), "{member}");
    }
    let window = accepted("/window", json!({
        "auto_design_width": true, "background_color": "#0F0", "background_text_style": "light", "design_width": 375.5,
        "enable_pull_down_refresh": true, "fullscreen": true, "navigation_bar_background_color": "#f8F8f8",
        "navigation_bar_text_style": "black", "navigation_bar_title_text": "T", "navigation_style": "custom",
        "on_reach_bottom_distance": 0, "orientation": "landscape",
    })).window;
    assert!(window.auto_design_width && window.enable_pull_down_refresh && window.fullscreen);
    assert_eq!(window.background_color.rgb, [0, 255, 0]);
    assert_eq!(window.background_text_style, BackgroundTextStyle::Light);
    assert_eq!(window.navigation_bar_background_color.to_string(), "#f8f8f8");
    assert_eq!(window.navigation_bar_text_style, NavigationBarTextStyle::Black);
    assert_eq!(window.navigation_bar_title_text.as_deref(), Some("T"));
    assert_eq!(window.navigation_style, NavigationStyle::Custom);
    assert_eq!(window.orientation, Orientation::Landscape);
    assert_eq!((window.design_width, window.on_reach_bottom_distance), (375.5, 0.0));
}

#[test]
fn our_extension_is_strict() {
    let extension = "manifest/extension";
    rejected("/guichet", json!(1), extension);
    rejected("/guichet/logic", json!(1), extension);
    rejected("/guichet/logic", json!("../x.wasm"), extension);
    rejected("/guichet/glaze", json!("red"), extension);
    rejected("/guichet/personal", json!("name"), extension);
    rejected("/guichet/personal", json!([""]), extension);
    rejected("/guichet/personal", json!([1]), extension);
    rejected("/guichet/personal", json!(["x".repeat(129)]), extension);
    rejected("/guichet/personal", json!(vec!["x"; 65]), extension);
    let tab = |page: &str, name: &str| json!({"page": page, "name": name});
    let two = |second| json!([tab("pages/home", "Home"), second]);
    rejected("/guichet/requires", json!("print"), extension);
    rejected("/guichet/requires", json!(["printer"]), extension);
    rejected("/guichet/requires", json!(["print", "print"]), extension);
    rejected("/guichet/tabs", json!([tab("pages/home", "Home")]), extension);
    rejected("/guichet/tabs", two(json!("pages/next")), extension);
    rejected("/guichet/tabs", two(tab("pages/home", "Again")), extension);
    rejected("/guichet/tabs", two(tab("pages/nowhere", "Nowhere")), extension);
    rejected("/guichet/tabs", two(tab("pages/next", " ")), extension);
    rejected("/guichet/tabs", two(tab("pages/next", &"x".repeat(17))), extension);
    rejected("/guichet/storage_version", json!(-1), extension);
    rejected("/guichet/storage_version", json!("1"), extension);
    noted("/guichet/colour", json!("moss"), "/guichet/colour");
    assert_eq!(accepted("/guichet", json!({})).guichet.glaze, Glaze::Celadon);
    assert_eq!(
        accepted("/guichet", json!({"logic": "logic.wasm"})).guichet.logic.map(String::from).as_deref(),
        Some("logic.wasm")
    );
    for glaze in Glaze::ALL {
        assert_eq!(accepted("/guichet/glaze", json!(glaze.as_str())).guichet.glaze, glaze);
    }
}

#[test]
fn a_manifest_speaks_the_languages_of_its_package() {
    let package = sealed();
    let chinese = package.localized_manifest("zh-CN");
    assert_eq!(chinese.name, "居住证");
    assert_eq!(chinese.req_permissions[0].reason.as_deref(), Some("保存草稿。"));
    assert_eq!(chinese.description, package.manifest().description, "what the resource does not say stays");
    assert_eq!(package.localized_manifest("fr"), *package.manifest());

    let mut all = files();
    let manifest =
        MANIFEST.replace(r#""lang""#, r#""widgets": [{"name": "W", "path": "pages/home"}], "short_name": "S", "lang""#);
    all.insert(crate::support::path("manifest.json"), manifest.into_bytes());
    let resource = br#"{"manifest":{"short_name":"s","description":"d","window":{"navigation_bar_title_text":"t"},"widgets":{"pages/home":"w"}}}"#;
    all.insert(crate::support::path("i18n/fr.json"), resource.to_vec());
    let french = draft(all).unwrap().unsealed().unwrap().localized_manifest("fr-CA");
    assert_eq!(french.short_name.as_deref(), Some("s"));
    assert_eq!(french.description.as_deref(), Some("d"));
    assert_eq!(french.window.navigation_bar_title_text.as_deref(), Some("t"));
    assert_eq!(french.widgets[0].name, "w");
}
