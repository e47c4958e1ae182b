//! The capsule that stays above an app which fills the screen or draws a bar of its own (MiniApp Manifest,
//! *navigation_style member*: it is not customizable). Drawn by the terminal, so no page can cover or imitate its clicks.

use gtk::prelude::*;

use crate::{
    action::Action,
    desk::Event,
    machine::{Post, Signal},
};

const STYLE: &str = "
.guichet-capsule { background: rgba(20, 24, 28, 0.82); border: 1px solid rgba(255, 255, 255, 0.55); border-radius: 24px; }
.guichet-capsule button { background: none; border: none; box-shadow: none; color: #fff; min-width: 48px; min-height: 44px;
  padding: 0; font-size: 17px; font-weight: bold; text-shadow: none; -gtk-icon-shadow: none; }
.guichet-capsule button:focus { outline: 2px solid #fff; outline-offset: -4px; }
.guichet-capsule button:hover { background: rgba(255, 255, 255, 0.16); border-radius: 24px; }
";

/// The way out of an app whose bar is hidden.
pub(crate) struct Capsule {
    container: gtk::Box,
}

impl Capsule {
    /// Makes it, hidden, above everything that is in the window.
    pub(super) fn new(overlay: &gtk::Overlay, lang: &str, post: &Post) -> Self {
        let container = gtk::Box::new(gtk::Orientation::Horizontal, 0);
        container.set_halign(gtk::Align::End);
        container.set_valign(gtk::Align::Start);
        container.set_margin(12);
        let style = gtk::CssProvider::new();
        if let Err(error) = style.load_from_data(STYLE.as_bytes()) {
            tracing::error!("the capsule's style cannot be read: {error}");
        }
        let is_chinese = lang.starts_with("zh");
        let menu = button("\u{2022}\u{2022}\u{2022}", if is_chinese { "菜单" } else { "Menu" });
        let close = button("\u{2715}", if is_chinese { "关闭服务" } else { "Close service" });
        let asking = post.clone();
        menu.connect_clicked(move |_| asking(Signal::Desk(Event::MenuAsked)));
        let closing = post.clone();
        close.connect_clicked(move |_| closing(Signal::Desk(Event::Asked(Action::CloseApp))));
        for widget in [container.upcast_ref::<gtk::Widget>(), menu.upcast_ref(), close.upcast_ref()] {
            widget.style_context().add_provider(&style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        }
        container.style_context().add_class("guichet-capsule");
        container.add(&menu);
        container.add(&close);
        overlay.add_overlay(&container);
        Self { container }
    }

    /// Shows or hides it.
    pub(crate) fn show(&self, is_visible: bool) {
        if is_visible == self.container.is_visible() {
            return;
        }
        if is_visible {
            self.container.show_all();
        } else {
            self.container.hide();
        }
    }
}

impl Drop for Capsule {
    fn drop(&mut self) {
        if let Some(overlay) = self.container.parent().and_downcast::<gtk::Overlay>() {
            overlay.remove(&self.container);
        }
    }
}

fn button(label: &str, name: &str) -> gtk::Button {
    let button = gtk::Button::with_label(label);
    button.set_tooltip_text(Some(name));
    if let Some(accessible) = button.accessible() {
        accessible.set_name(name);
    }
    button
}
