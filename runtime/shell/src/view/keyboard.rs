//! The keyboard of a kiosk: drawn by the terminal below all pages, so that no page sees it, covers it or learns of a key that
//! is not meant for it.

mod layout;
mod press;

use std::{cell::RefCell, rc::Rc};

use gtk::{atk, gdk::keys, prelude::*};

use self::layout::{Key, Sheet};
use crate::{
    desk::AtKiosk,
    field::Keys,
    grid::{Placed, lay_out},
    machine::{Post, Signal},
};

const STYLE: &str = "
.guichet-keys { background: #dfe6e3; border-top: 3px solid #082c28; padding: 12px 16px 16px; }
.guichet-keys button { background: #fff; color: #151c1a; border: 2px solid #73807a; border-radius: 12px; box-shadow: none; padding: 0;
  font-size: 26px; text-shadow: none; -gtk-icon-shadow: none; }
.guichet-keys button:active { background: #a8d5c7; }
.guichet-keys button.deed { background: #cfd8d4; font-size: 22px; }
.guichet-keys button.main { background: #0d6656; border-color: #0d6656; color: #fff; font-weight: bold; }
.guichet-keys.contrast { background: #000; } .guichet-keys.contrast button { background: #fff; color: #000; border-color: #000; font-weight: bold; }
.guichet-keys.elder button { font-size: 34px; } .guichet-keys.elder button.deed { font-size: 28px; }
";

/// The height of a key, in pixels: as designed, and the least that a thumb needs where the glass is low.
const KEY: i32 = 72;
const LOW_KEY: i32 = 60;
const LOW_GLASS: i32 = 1000;

/// How it looks, and in which language it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// `zh-Hans` or `en`.
    pub(crate) lang: String,
    /// High contrast.
    pub(crate) contrast: bool,
    /// Larger signs.
    pub(crate) elder: bool,
}

/// The keyboard; away as long as no field has the focus.
pub(crate) struct Keyboard {
    frame: gtk::Box,
    board: Rc<Board>,
    shown: Option<(Keys, Look)>,
}

struct Board {
    frame: gtk::Box,
    style: gtk::CssProvider,
    now: RefCell<Now>,
    post: Post,
    key_height: i32,
}

#[derive(Default)]
struct Now {
    keys: Option<Keys>,
    sheet: Sheet,
    is_chinese: bool,
    view: Option<gtk::Widget>,
}

impl Keyboard {
    /// Makes it at the foot of the window, away.
    pub(super) fn new(column: &gtk::Box, glass_height: i32, post: &Post) -> Self {
        let frame = gtk::Box::new(gtk::Orientation::Vertical, 0);
        let style = gtk::CssProvider::new();
        if let Err(error) = style.load_from_data(STYLE.as_bytes()) {
            tracing::error!("the keyboard's style cannot be read: {error}");
        }
        frame.style_context().add_class("guichet-keys");
        frame.style_context().add_provider(&style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        column.pack_end(&frame, false, false, 0);
        let key_height = if glass_height < LOW_GLASS { LOW_KEY } else { KEY };
        let board = Board { frame: frame.clone(), style, now: RefCell::default(), post: post.clone(), key_height };
        Self { frame, board: Rc::new(board), shown: None }
    }

    /// Comes with these keys, which are pressed in this view.
    pub(crate) fn come(&mut self, keys: Keys, look: &Look, view: webkit2gtk::WebView) {
        self.board.now.borrow_mut().view = Some(view.upcast());
        let wanted = Some((keys, look.clone()));
        if self.shown == wanted {
            return;
        }
        self.shown = wanted;
        let context = self.frame.style_context();
        for (class, is_on) in [("contrast", look.contrast), ("elder", look.elder)] {
            if is_on { context.add_class(class) } else { context.remove_class(class) }
        }
        {
            let mut now = self.board.now.borrow_mut();
            (now.keys, now.sheet, now.is_chinese) = (Some(keys), Sheet::default(), look.lang.starts_with("zh"));
        }
        if let Some(spoken) = self.frame.accessible() {
            spoken.set_role(atk::Role::Panel);
            spoken.set_name(if look.lang.starts_with("zh") { "键盘" } else { "Keyboard" });
        }
        self.board.draw();
        self.frame.show_all();
    }

    /// Goes away, and forgets whose keys it had.
    pub(crate) fn go(&mut self) {
        if self.shown.take().is_some() {
            self.put_away();
        }
    }

    pub(super) fn put_away(&mut self) {
        self.shown = None;
        self.frame.hide();
        *self.board.now.borrow_mut() = Now::default();
    }
}

impl Board {
    fn draw(self: &Rc<Self>) {
        self.frame.foreach(|child| self.frame.remove(child));
        let (keys, sheet) = {
            let now = self.now.borrow();
            (now.keys, now.sheet)
        };
        let Some(keys) = keys else { return };
        let grid = gtk::Grid::new();
        grid.set_row_spacing(8);
        grid.set_column_spacing(8);
        grid.set_column_homogeneous(true);
        let whole = if keys == Keys::Latin { layout::LETTERS } else { layout::NUMBERS };
        let mut all: Vec<Placed> = Vec::new();
        for (row, line) in (0..).zip(layout::rows(keys, sheet)) {
            let width: i32 = line.iter().map(|(_, width)| width).sum();
            let mut column = (whole - width) / 2;
            for (key, width) in line {
                all.push((self.button(key).upcast(), column, row, width));
                column += width;
            }
        }
        lay_out(&grid, all);
        if keys != Keys::Latin {
            grid.set_halign(gtk::Align::Center);
            grid.set_size_request(NUMBERS_WIDTH, -1);
        }
        self.frame.pack_start(&grid, true, true, 0);
        self.frame.show_all();
    }

    fn button(self: &Rc<Self>, key: Key) -> gtk::Button {
        let (label, name) = words(key, self.now.borrow().is_chinese);
        let button = gtk::Button::with_label(&label);
        // What is typed goes to the field, which keeps the focus.
        button.set_can_focus(false);
        button.set_focus_on_click(false);
        button.set_size_request(-1, self.key_height);
        let context = button.style_context();
        context.add_provider(&self.style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        match key {
            Key::Char(_) => {}
            Key::Enter => context.add_class("main"),
            _ => context.add_class("deed"),
        }
        if let Some(accessible) = button.accessible() {
            accessible.set_name(name.as_deref().unwrap_or(&label));
        }
        let board = Rc::downgrade(self);
        button.connect_clicked(move |_| {
            if let Some(board) = board.upgrade() {
                board.pressed(key);
            }
        });
        button
    }

    fn pressed(self: &Rc<Self>, key: Key) {
        let view = self.now.borrow().view.clone();
        let press = |key| view.iter().for_each(|view| press::press(view, key));
        match key {
            Key::Char(char) => {
                press(keys::Key::from_unicode(char));
                if self.now.borrow().sheet == Sheet::Capitals {
                    self.turn_to(Sheet::Small);
                }
            }
            Key::Back => press(keys::constants::BackSpace),
            Key::Enter => press(keys::constants::Return),
            Key::Turn(sheet) => self.turn_to(sheet),
            Key::Letters => {
                self.now.borrow_mut().keys = Some(Keys::Latin);
                self.turn_to(Sheet::Small);
            }
            Key::Away => (self.post)(Signal::Kiosk(AtKiosk::KeysAway)),
        }
    }

    /// The button that was pressed is one of those that go: after it has been let go.
    fn turn_to(self: &Rc<Self>, sheet: Sheet) {
        self.now.borrow_mut().sheet = sheet;
        let board = Rc::downgrade(self);
        gtk::glib::idle_add_local_once(move || {
            if let Some(board) = board.upgrade() {
                board.draw();
            }
        });
    }
}

/// How wide the keys of numbers are together, in pixels: a thumb's reach.
const NUMBERS_WIDTH: i32 = 640;

/// What stands on a key, and what it is called if that is another word.
fn words(key: Key, is_chinese: bool) -> (String, Option<String>) {
    let said = |zh: &str, en: &str| if is_chinese { zh.to_owned() } else { en.to_owned() };
    match key {
        Key::Char(' ') => (said("空格", "space"), None),
        Key::Char(char) => (char.to_string(), None),
        Key::Back => ("\u{232b}".to_owned(), Some(said("删除", "Delete"))),
        Key::Enter => (said("确定", "Enter"), None),
        Key::Turn(Sheet::Capitals) => ("\u{21e7}".to_owned(), Some(said("大写", "Capitals"))),
        Key::Turn(Sheet::Signs) => ("#+=".to_owned(), Some(said("符号", "Signs"))),
        Key::Turn(Sheet::Small) => ("abc".to_owned(), Some(said("小写", "Small letters"))),
        Key::Letters => ("ABC".to_owned(), Some(said("字母", "Letters"))),
        Key::Away => (said("收起", "Hide"), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_does_can_be_heard_in_both_languages() {
        let deeds =
            [Key::Back, Key::Enter, Key::Turn(Sheet::Capitals), Key::Turn(Sheet::Signs), Key::Letters, Key::Away];
        let heard = |is_chinese| {
            let all = deeds.map(|key| words(key, is_chinese)).map(|(label, name)| name.unwrap_or(label));
            all.join(" ")
        };
        insta::assert_snapshot!(heard(true), @"删除 确定 大写 符号 字母 收起");
        insta::assert_snapshot!(heard(false), @"Delete Enter Capitals Signs Letters Hide");
    }
}
