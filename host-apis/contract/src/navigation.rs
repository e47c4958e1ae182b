//! `navigation`: moving between the pages of one app. The session performs it; no permission is needed.

use crate::{Arguments, InvalidArguments};

/// A movement on the app's page stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Navigation {
    /// Opens a page on top of the present one.
    Navigate {
        /// `pages/x` with an optional `?query`.
        route: String,
    },
    /// Replaces the present page.
    Redirect {
        /// `pages/x` with an optional `?query`.
        route: String,
    },
    /// Goes back to the page below.
    Back,
}

impl Navigation {
    pub(crate) fn decode_navigate(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let route = arguments.text("route")?;
        arguments.end().map(|()| Self::Navigate { route })
    }

    pub(crate) fn decode_redirect(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let route = arguments.text("route")?;
        arguments.end().map(|()| Self::Redirect { route })
    }

    pub(crate) fn decode_back(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::Back)
    }
}
