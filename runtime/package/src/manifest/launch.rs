//! What a manifest means for one launch (MiniApp Packaging, *Platform Runtime Preparation*, steps 3 to 7 of *Processing*).

use guichet_contract::PLATFORM_CODE;
use percent_encoding::percent_decode_str;

use super::{Manifest, ManifestFault, ManifestRefusal, PageRoute, Window, i18n::speaks, resource_for};
use crate::PackagePath;

/// Where an app begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartPage {
    /// The page.
    pub page: PageRoute,
    /// Its query, without the question mark.
    pub query: String,
    /// Whether a page was asked for that the app does not have; whoever launches writes it into the log.
    pub fell_back: bool,
}

impl Manifest {
    /// Refuses an app that is made for a newer platform (P-A6).
    pub fn check_platform(&self, have: u64) -> Result<(), ManifestRefusal> {
        let wanted = self.platform_version.min_code;
        if u64::from(wanted) <= have {
            return Ok(());
        }
        Err(ManifestRefusal {
            place: "/platform_version/min_code".to_owned(),
            fault: ManifestFault::Platform { wanted, have },
        })
    }

    /// The page or widget of this route; its extension may be written (M-pages-3). A widget is addressed as a page is
    /// (G1), unless it needs a newer platform (G3).
    pub fn page(&self, route: &str) -> Option<&PageRoute> {
        let widgets = self.widgets.iter().filter(|widget| u64::from(widget.min_code) <= PLATFORM_CODE);
        self.pages.iter().chain(widgets.map(|widget| &widget.path)).find(|page| page.is(route))
    }

    /// The page and the query of a text such as `pages/x?a=1#top`; none if it names no page of the app.
    pub fn resolve<'a>(&self, text: &'a str) -> Option<(&PageRoute, &'a str)> {
        let text = text.split('#').next().unwrap_or_default();
        let (route, query) = text.split_once('?').unwrap_or((text, ""));
        let route = percent_decode_str(route).decode_utf8().ok()?;
        Some((self.page(&route)?, query))
    }

    /// The page that the address names, else the first of `pages` (P-A7, M-pages-4, D5), else the first widget (G6).
    ///
    /// None only if every widget of an app without pages needs a newer platform.
    pub fn start_page(&self, asked: Option<&str>) -> Option<StartPage> {
        let asked = asked.filter(|text| !text.is_empty());
        if let Some((page, query)) = asked.and_then(|text| self.resolve(text)) {
            return Some(StartPage { page: page.clone(), query: query.to_owned(), fell_back: false });
        }
        let mut widgets = self.widgets.iter().map(|widget| &widget.path);
        let first = self.pages.first().or_else(|| widgets.find(|path| self.page(path.as_str()).is_some()))?;
        Some(StartPage { page: first.clone(), query: String::new(), fell_back: asked.is_some() })
    }

    /// The locale of a launch (P-A8, *Extraction of Locale*), a BCP 47 tag; `paths` are the package's files.
    ///
    /// Our reading (D14): it is the person's language if the app speaks it, which the manifest's `lang` or a localization
    /// resource says; else the manifest's `lang`; else the person's.
    pub fn locale<'a>(&self, person: &str, paths: impl Iterator<Item = &'a PackagePath>) -> String {
        match &self.lang {
            Some(lang) if !speaks(lang, person) && resource_for(person, paths).is_none() => lang.clone(),
            _ => person.to_owned(),
        }
    }

    /// The window as it is for this page: a widget never fills the screen (G5).
    pub fn window_of(&self, page: &PageRoute) -> Window {
        let is_widget = !self.pages.contains(page) && self.widgets.iter().any(|widget| widget.path == *page);
        Window { fullscreen: self.window.fullscreen && !is_widget, ..self.window.clone() }
    }
}
