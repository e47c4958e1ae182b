//! The person at the terminal changes the language.

use serde_json::json;

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Terminal, id},
    store::Store,
};

#[test]
fn the_library_and_later_sessions_follow_the_language() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let before = terminal.launch(PERMIT);
    terminal.host.set_language("zh-Hans");
    assert_eq!(terminal.host.lang(), "zh-Hans");
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!(
        (listing.name.as_str(), listing.department_name.as_str(), listing.permissions[0].reason.as_str()),
        ("居住证", "出入境管理局", "保存草稿")
    );
    assert_eq!(listing.description, "Apply for a residence permit", "what has no translation stays");

    let after = terminal.launch(PERMIT);
    for (running, lang) in [(&before, "en"), (&after, "zh-Hans")] {
        let info = running.call(running.loaded(), "app-info", "get", json!([])).unwrap();
        assert_eq!((&info["lang"], running.session.lang()), (&json!(lang), lang));
    }
    let where_spoken = |spoken| before.session.lang_where(spoken);
    assert_eq!([where_spoken("zh-Hans"), where_spoken("en"), where_spoken("fr")], ["zh-Hans", "en", "en"]);
    let named = |lang| before.session.manifest_in(lang).name;
    assert_eq!(before.session.manifest().name, "Residence permit");
    assert_eq!([named("en"), named("zh-CN"), named("fr")], ["Residence permit", "居住证", "Residence permit"]);
    assert!(after.session.bridge_script().contains(r#""lang":"zh-Hans""#));
    terminal.host.set_language("en");
    assert_eq!(terminal.host.listing(&id(PERMIT)).unwrap().department_name, "Office of residence");
}

#[test]
fn texts_of_what_is_only_offered_come_with_the_next_refresh() {
    let mut store = Store::new();
    store.release(&App::new(ESTIMATOR, 1).seal("benefits"));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    terminal.host.set_language("zh-Hans");
    let name = || terminal.host.listing(&id(ESTIMATOR)).unwrap().name;
    assert_eq!(name(), "Residence permit");
    terminal.host.refresh().unwrap();
    assert_eq!(name(), "居住证");
}
