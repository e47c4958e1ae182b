//! Some calls need a person's touch, however they come.

use std::sync::{Arc, Mutex};

use guichet_contract::{AppId, Stop, print::Paper};
use guichet_host::{Look, LookOptions, LookTerminal, Start, Walls};
use guichet_services::{
    Memory,
    print::{PagePart, PageTrouble, Simulated},
};
use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal},
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

/// Draws every page, and keeps who has asked.
#[derive(Debug, Default)]
struct Asked(Mutex<Vec<(Option<u32>, Paper)>>);

impl Asked {
    fn seen(&self) -> Vec<(Option<u32>, Paper)> {
        self.0.lock().unwrap().clone()
    }
}

impl PagePart for Asked {
    fn pdf(&self, app: &AppId, page: Option<u32>, paper: Paper, _: &Stop) -> Result<Vec<u8>, PageTrouble> {
        assert_eq!(app.as_str(), PERMIT);
        self.0.lock().unwrap().push((page, paper));
        Ok(b"%PDF-1.4".to_vec())
    }
}

#[test]
fn no_page_is_printed_that_nobody_has_asked_for_and_each_call_says_which_page_asks() {
    let pages = Arc::<Asked>::default();
    let logic = "export default {}; export const sheet = () => guichet.print.submit({ document: { paper: 'a5' } }).then(String, (error) => error.class);";
    let services = Memory::default().with_parts(|parts| parts.with_pages(Arc::clone(&pages) as _));
    let services = services.with_printer(Arc::new(Simulated::new("A4")));
    let options = LookOptions {
        services: Arc::new(services),
        lang: "en".to_owned(),
        terminal: LookTerminal::Desktop,
        walls: Walls::One,
        script_cache: Some(crate::script_cache::shared()),
        recorder: None,
        plays: None,
    };
    let app = App::new(PERMIT, 1).logic(logic).asks_for(&["host:print"]).seal("residence");
    let look = Look::open(app, options).unwrap();
    let running = Running::by(|sink| look.launch(&Start::default(), sink)).unwrap();
    let page = running.loaded();
    let by_the_page = || running.call(page, "print", "submit", json!([{ "document": { "paper": "a4" } }]));
    assert!(by_the_page().unwrap_err().1.starts_with("print/untouched: "));
    assert_eq!(running.ask(page, "sheet", json!({})).unwrap(), "print/untouched");
    assert!(pages.seen().is_empty(), "nothing was drawn");

    running.touch(page);
    by_the_page().unwrap();
    assert_eq!(running.ask(page, "sheet", json!({})).unwrap(), "2");
    assert_eq!(pages.seen(), [(Some(page), Paper::A4), (None, Paper::A5)]);
}
