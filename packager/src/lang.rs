//! The two languages the program speaks.

use clap::ValueEnum;

/// A language of the program's own words. What the store's people wrote is shown as they wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a locale such as `zh_CN.UTF-8`.
    pub(crate) fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The language tag that localized texts are looked up by.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-Hans",
            Self::En => "en",
        }
    }

    /// The member of a text by language tag that suits best: this language, then `default`, then whatever there is.
    pub(crate) fn choose(self, texts: &std::collections::BTreeMap<String, String>) -> Option<&str> {
        let primary = |tag: &str| tag.split('-').next().map(str::to_owned);
        let named = texts.iter().find(|(known, _)| primary(known) == primary(self.tag())).map(|(_, text)| text);
        named.or_else(|| texts.get("default")).or_else(|| texts.values().next()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_speaks_chinese_or_else_english() {
        assert_eq!(Lang::of_locale("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(Lang::of_locale("zh-Hans"), Lang::Zh);
        assert_eq!(Lang::of_locale("C.UTF-8"), Lang::En);
        assert_eq!(Lang::of_locale("fr_FR"), Lang::En);
    }

    #[test]
    fn a_text_is_chosen_by_language_then_by_default() {
        let texts = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let both = texts(&[("default", "居住证"), ("en", "Permit"), ("zh-Hans", "居住证")]);
        assert_eq!(Lang::En.choose(&both), Some("Permit"));
        assert_eq!(Lang::Zh.choose(&both), Some("居住证"));
        assert_eq!(Lang::En.choose(&texts(&[("default", "居住证")])), Some("居住证"));
        assert_eq!(Lang::En.choose(&texts(&[])), None);
    }
}
