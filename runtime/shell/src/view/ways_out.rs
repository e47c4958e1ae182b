//! The proxy to nowhere by itself: a view without policy, world or handlers of ours still reaches nobody.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use gtk::{glib, prelude::*};
use wry::{WebViewBuilder, WebViewBuilderExtUnix as _};

use super::closed;
use crate::glass::screen;

const DEADLINE: Duration = Duration::from_secs(60);

/// Asks a server in the ways a page has, under this name, and says when all have come to an end.
const ASKS: &str = "const at = '127.0.0.1:PORT/NAME'; const ends = (thing, names) => new Promise((ended) => names.forEach((name) => thing.addEventListener(name, ended)));
    const image = new Image(); image.src = `http://${at}/image`; const socket = new WebSocket(`ws://${at}/socket`);
    Promise.allSettled([fetch(`http://${at}/fetch`, { mode: 'no-cors' }), ends(image, ['load', 'error']), ends(socket, ['close', 'error'])]).then(() => { document.title = 'all ended'; });";

/// A server that has nothing, and the first lines of what it was asked.
fn server() -> (u16, Arc<Mutex<BTreeSet<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::<Mutex<BTreeSet<String>>>::default();
    let heard = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let heard = Arc::clone(&heard);
            thread::spawn(move || {
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                heard.lock().unwrap().insert(line.split(' ').nth(1).unwrap_or("?").to_owned());
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            });
        }
    });
    (port, asked)
}

/// Lets a view ask, and waits until all it has asked has come to an end.
fn ask(port: u16, name: &'static str, change: impl FnOnce(WebViewBuilder<'_>) -> WebViewBuilder<'_> + Send + 'static) {
    let (said, ended) = mpsc::channel();
    glib::MainContext::default().invoke(move || {
        let window = gtk::Window::new(gtk::WindowType::Toplevel);
        let room = gtk::Box::new(gtk::Orientation::Vertical, 0);
        window.add(&room);
        let asks = ASKS.replace("PORT", &port.to_string()).replace("NAME", name);
        let told = move |title: String| {
            if title == "all ended" {
                let _ = said.send(());
            }
        };
        let builder = WebViewBuilder::new().with_incognito(true).with_html(format!("<body><script>{asks}</script>"));
        let view = change(builder.with_document_title_changed_handler(told)).build_gtk(&room).unwrap();
        window.show_all();
        // The process ends with the test.
        std::mem::forget((window, view));
    });
    ended.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn the_proxy_alone_lets_nothing_out() {
    screen::inside("view::ways_out::the_proxy_alone_lets_nothing_out", || {
        let (port, asked) = server();
        let all = || asked.lock().unwrap().iter().cloned().collect::<Vec<_>>();
        let open = ["/open/fetch", "/open/image", "/open/socket"];
        ask(port, "open", |builder| builder);
        assert_eq!(all(), open, "the control");
        ask(port, "closed", closed);
        assert_eq!(all(), open, "and nothing more");
    });
}
