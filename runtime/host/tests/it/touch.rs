//! Some calls need a person's touch, however they come.

use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::Terminal,
    store::Store,
};

const LOGIC: &str = "export default {}; export const copy = (text) => guichet.clipboard.write(text).then(() => 'copied', (error) => error.class);";

#[test]
fn nothing_is_copied_that_nobody_has_asked_for() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).logic(LOGIC).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    let class = || running.ask(page, "copy", json!("3301")).unwrap();
    let by_the_page = || running.call(page, "clipboard", "write", json!(["3301"])).unwrap_err().1;

    insta::assert_snapshot!(by_the_page(), @"clipboard/untouched: nothing is copied that nobody has asked for; hint: call it when a button is pressed, within 5 seconds");
    assert_eq!(class(), "clipboard/untouched", "the logic is no other way");
    for no_touch in [r#"{"touched":5000}"#, r#"{"touched":-1}"#, r#"{"touched":"0"}"#, r#"{"touched":0"#] {
        running.session.page_message(page, no_touch);
        assert_eq!(class(), "clipboard/untouched", "{no_touch}");
    }

    // Touched: now it is the terminal that decides, and this one has no clipboard.
    running.touch(page);
    assert_eq!(class(), "clipboard/unsupported");
    assert!(by_the_page().starts_with("clipboard/unsupported: "));
}
