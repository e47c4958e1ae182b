//! The way to one token: a module that is loaded, and the slot the token is in.

use std::path::Path;

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    session::{Session, UserType},
    slot::{Slot, TokenInfo},
};

use crate::{Pin, PinRequest, TokenFailure, TokenUri};

/// A module that is loaded and initialized.
#[derive(Debug)]
pub(crate) struct Module {
    context: Pkcs11,
    /// Somebody else in this process may have initialized it, and then ends it.
    is_ours: bool,
}

/// A token that is present.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    module: &'a Module,
    slot: Slot,
    pub(crate) info: TokenInfo,
}

impl Module {
    /// Loads the module the URI names, or else the one that is usual here.
    pub(crate) fn load(uri: &TokenUri, usual: Option<&Path>) -> Result<Self, TokenFailure> {
        let path = uri.module_path.as_deref().or(usual).ok_or(TokenFailure::NoModule)?;
        let failed = |why: String| TokenFailure::Module { path: path.to_owned(), why };
        // A name without a folder would be looked for in places that an environment chooses.
        if !path.is_absolute() {
            return Err(failed("it is not a full path".to_owned()));
        }
        if !path.exists() {
            return Err(failed("there is no such file".to_owned()));
        }
        let context = Pkcs11::new(path).map_err(|error| {
            failed(match error {
                Error::LibraryLoading(_) => "it is no program library for this system".to_owned(),
                Error::MissingSymbol(_) => "it is a program library, but not of PKCS#11".to_owned(),
                other => other.to_string(),
            })
        })?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) => Ok(Self { context, is_ours: true }),
            Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(Self { context, is_ours: false }),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// The tokens that are present and meant.
    pub(crate) fn tokens(&self, uri: &TokenUri) -> Result<Vec<Token<'_>>, TokenFailure> {
        Ok(self.present()?.into_iter().filter(|token| token.is_meant_by(uri)).collect())
    }

    /// The one token that is meant.
    pub(crate) fn token(&self, uri: &TokenUri) -> Result<Token<'_>, TokenFailure> {
        let mut meant = self.tokens(uri)?;
        if meant.len() > 1 {
            return Err(TokenFailure::TwoTokens { tokens: meant.iter().map(Token::uri).collect() });
        }
        match meant.pop() {
            Some(token) => Ok(token),
            None => {
                let present = self.present()?.iter().map(|token| token.info.label().to_owned()).collect();
                Err(TokenFailure::NoToken { present })
            }
        }
    }

    fn present(&self) -> Result<Vec<Token<'_>>, TokenFailure> {
        let slots = self.context.get_slots_with_initialized_token().map_err(TokenFailure::said("say what is there"))?;
        let mut tokens = Vec::new();
        for slot in slots {
            let info = self.context.get_token_info(slot).map_err(TokenFailure::said("say what it is"))?;
            tokens.push(Token { module: self, slot, info });
        }
        Ok(tokens)
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        if self.is_ours {
            // What the module has to say on its way out helps nobody.
            drop(self.context.clone().finalize());
        }
    }
}

impl Token<'_> {
    fn is_meant_by(&self, uri: &TokenUri) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        is(&uri.token, self.info.label())
            && is(&uri.manufacturer, self.info.manufacturer_id())
            && is(&uri.serial, self.info.serial_number())
            && is(&uri.model, self.info.model())
            && uri.slot_id.is_none_or(|id| id == self.slot.id())
    }

    fn uri(&self) -> String {
        TokenUri::of_key(self.info.label(), self.info.serial_number(), "", &[]).to_string()
    }

    /// Whether the token knows a mechanism.
    pub(crate) fn knows(&self, mechanism: cryptoki::mechanism::MechanismType) -> Result<bool, TokenFailure> {
        let known = self.module.context.get_mechanism_list(self.slot);
        Ok(known.map_err(TokenFailure::said("say what it can do"))?.contains(&mechanism))
    }

    /// A session that sees what the token shows to everybody.
    pub(crate) fn look(&self) -> Result<Session, TokenFailure> {
        self.module.context.open_ro_session(self.slot).map_err(TokenFailure::said("open a session"))
    }

    /// A session of the token's user.
    pub(crate) fn log_in(
        &self,
        uri: &TokenUri,
        ask: &dyn Fn(&PinRequest) -> Option<Pin>,
        is_to_write: bool,
    ) -> Result<Session, TokenFailure> {
        if self.info.user_pin_locked() {
            return Err(TokenFailure::Locked);
        }
        let context = &self.module.context;
        let session = if is_to_write { context.open_rw_session(self.slot) } else { context.open_ro_session(self.slot) };
        let session = session.map_err(TokenFailure::said("open a session"))?;
        let result = if self.info.protected_authentication_path() {
            // The token has a keypad of its own.
            session.login(UserType::User, None)
        } else {
            session.login(UserType::User, Some(&self.pin(uri, ask)?.0))
        };
        match result {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                // What the token says of the next try, it says after this one.
                let info = context.get_token_info(self.slot).map_err(TokenFailure::said("say what it is"))?;
                match info.user_pin_locked() {
                    true => Err(TokenFailure::Locked),
                    false => Err(TokenFailure::WrongPin { is_last_try: info.user_pin_final_try() }),
                }
            }
            Err(error) => Err(TokenFailure::said("log in")(error)),
        }
    }

    fn pin(&self, uri: &TokenUri, ask: &dyn Fn(&PinRequest) -> Option<Pin>) -> Result<Pin, TokenFailure> {
        if let Some(path) = &uri.pin_source {
            return Pin::read(path);
        }
        let request = PinRequest { token: self.info.label().to_owned(), is_last_try: self.info.user_pin_final_try() };
        ask(&request).ok_or(TokenFailure::NoPin)
    }
}
