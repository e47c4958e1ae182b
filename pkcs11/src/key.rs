//! Ed25519 keys on a token: looked at, made, and asked to sign.

use std::{fmt, path::Path};

use cryptoki::{
    error::{Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};
use guichet_trust::sign::{Message, PublicKey, Purpose, Signature};

use crate::{
    Pin, PinRequest, TokenFailure, TokenUri,
    point::key_bytes,
    slot::{Module, Token},
};

/// `CKA_EC_PARAMS` of Ed25519 as an object identifier, 1.3.101.112 (RFC 8410).
const CURVE_BY_NUMBER: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// The same as a PrintableString, which PKCS#11 3.0 has and older modules want.
const CURVE_BY_NAME: &[u8] = b"\x13\x0cedwards25519";

/// How a key on a token is reached.
pub struct TokenAccess<'a> {
    /// Which token, and which key on it.
    pub uri: &'a TokenUri,
    /// The module to use where the URI names none.
    pub module: Option<&'a Path>,
    /// Asks somebody for the PIN; None if there is nobody.
    pub ask: &'a dyn Fn(&PinRequest) -> Option<Pin>,
}

/// A key as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// Names this key and no other.
    pub uri: String,
    /// Its public half; None if it may not be listed, or is of another kind.
    pub key: Option<PublicKey>,
}

/// A key that signs; its secret half stays on the token.
pub struct TokenKey {
    // In this order: the session ends before its module.
    session: Session,
    handle: ObjectHandle,
    public: PublicKey,
    _module: Module,
}

impl TokenAccess<'_> {
    /// The key, ready to sign. It may ask for the PIN.
    pub fn open(&self) -> Result<TokenKey, TokenFailure> {
        let module = Module::load(self.uri, self.module)?;
        let (session, handle, public) = {
            let token = module.token(self.uri)?;
            must_know(&token, MechanismType::EDDSA, "CKM_EDDSA", "sign")?;
            let session = token.log_in(self.uri, self.ask, false)?;
            let found = Found::one(&session, self.uri, ObjectClass::PRIVATE_KEY)?;
            let public = public_half(&session, &found)?;
            (session, found.handle, public)
        };
        Ok(TokenKey { session, handle, public, _module: module })
    }

    /// The public half of the key. The PIN is asked for only if the token hides it.
    pub fn public(&self) -> Result<PublicKey, TokenFailure> {
        let module = Module::load(self.uri, self.module)?;
        let token = module.token(self.uri)?;
        let session = token.look()?;
        match Found::one(&session, self.uri, ObjectClass::PUBLIC_KEY) {
            Ok(found) => checked(&session, found.handle),
            Err(TokenFailure::NotFound { present }) if token.info.login_required() && present.is_empty() => {
                drop(session);
                let session = token.log_in(self.uri, self.ask, false)?;
                public_half(&session, &Found::one(&session, self.uri, ObjectClass::PRIVATE_KEY)?)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Makes a key that cannot be taken off the token, and proves that it signs.
    pub fn create(&self) -> Result<PublicKey, TokenFailure> {
        let Some(object) = &self.uri.object else {
            return Err(TokenFailure::Uri { why: "the new key has no name: add object=NAME".to_owned() });
        };
        let module = Module::load(self.uri, self.module)?;
        let token = module.token(self.uri)?;
        must_know(&token, MechanismType::ECC_EDWARDS_KEY_PAIR_GEN, "CKM_EC_EDWARDS_KEY_PAIR_GEN", "make a key")?;
        must_know(&token, MechanismType::EDDSA, "CKM_EDDSA", "sign")?;
        let session = token.log_in(self.uri, self.ask, true)?;
        for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
            if !Found::all(&session, &TokenUri { id: None, ..self.uri.clone() }, class)?.is_empty() {
                return Err(TokenFailure::Exists);
            }
        }
        let id = match &self.uri.id {
            Some(id) => id.clone(),
            None => session.generate_random_vec(16).map_err(TokenFailure::said("give random bytes"))?,
        };
        let (public, private) = generate(&session, object, &id, CURVE_BY_NUMBER)
            .or_else(|_| generate(&session, object, &id, CURVE_BY_NAME))
            .map_err(TokenFailure::said("make the key"))?;
        let proved = checked(&session, public).and_then(|key| {
            let message = Purpose::Enrolment.message(key.to_string().as_bytes());
            sign(&session, private, &key, &message).map(|_| key)
        });
        if proved.is_err() {
            // A key that does not sign would only be in the way; that it cannot be removed is the smaller trouble.
            drop(session.destroy_object(private));
            drop(session.destroy_object(public));
        }
        proved
    }

    /// The keys that the tokens meant by the URI show without a PIN.
    pub fn list(&self) -> Result<Vec<ListedKey>, TokenFailure> {
        let module = Module::load(self.uri, self.module)?;
        let tokens = module.tokens(self.uri)?;
        if tokens.is_empty() {
            module.token(self.uri)?;
        }
        let mut keys = Vec::new();
        for token in tokens {
            let session = token.look()?;
            for found in Found::all(&session, self.uri, ObjectClass::PUBLIC_KEY)? {
                let uri = TokenUri::of_key(token.info.label(), token.info.serial_number(), &found.label, &found.id);
                let key = found.is_edwards.then(|| checked(&session, found.handle).ok()).flatten();
                keys.push(ListedKey { uri: uri.to_string(), key });
            }
        }
        keys.sort_by(|one, next| one.uri.cmp(&next.uri));
        Ok(keys)
    }
}

impl TokenKey {
    /// The key others verify with.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs on the token; a signature that does not fit the public key is not handed on.
    pub fn sign(&self, message: &Message) -> Result<Signature, TokenFailure> {
        sign(&self.session, self.handle, &self.public, message)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey(… of {})", self.public)
    }
}

/// An object on the token.
struct Found {
    handle: ObjectHandle,
    label: String,
    id: Vec<u8>,
    is_edwards: bool,
}

impl Found {
    /// All keys of a class that the URI means.
    fn all(session: &Session, uri: &TokenUri, class: ObjectClass) -> Result<Vec<Self>, TokenFailure> {
        let mut template = vec![Attribute::Class(class)];
        template.extend(uri.object.as_ref().map(|object| Attribute::Label(object.clone().into_bytes())));
        template.extend(uri.id.as_ref().map(|id| Attribute::Id(id.clone())));
        let handles = session.find_objects(&template).map_err(TokenFailure::said("look for the key"))?;
        handles.into_iter().map(|handle| Self::read(session, handle)).collect()
    }

    /// The one Ed25519 key that the URI means.
    fn one(session: &Session, uri: &TokenUri, class: ObjectClass) -> Result<Self, TokenFailure> {
        let all = Self::all(session, uri, class)?;
        let is_of_other_kind = !all.is_empty();
        let mut keys: Vec<Self> = all.into_iter().filter(|found| found.is_edwards).collect();
        if keys.len() > 1 {
            return Err(TokenFailure::TwoKeys { keys: keys.iter().map(Self::uri).collect() });
        }
        match keys.pop() {
            Some(key) => Ok(key),
            None if is_of_other_kind => Err(TokenFailure::OtherKind),
            None => {
                let every = TokenUri { object: None, id: None, ..uri.clone() };
                let present = Self::all(session, &every, class)?.iter().map(Self::uri).collect();
                Err(TokenFailure::NotFound { present })
            }
        }
    }

    fn read(session: &Session, handle: ObjectHandle) -> Result<Self, TokenFailure> {
        let wanted = [AttributeType::Label, AttributeType::Id, AttributeType::KeyType];
        let attributes = session.get_attributes(handle, &wanted).map_err(TokenFailure::said("describe the key"))?;
        let mut found = Self { handle, label: String::new(), id: Vec::new(), is_edwards: false };
        for attribute in attributes {
            match attribute {
                Attribute::Label(label) => found.label = String::from_utf8_lossy(&label).into_owned(),
                Attribute::Id(id) => found.id = id,
                Attribute::KeyType(kind) => found.is_edwards = kind == KeyType::EC_EDWARDS,
                _ => {}
            }
        }
        Ok(found)
    }

    fn uri(&self) -> String {
        TokenUri { token: None, ..TokenUri::of_key("", "", &self.label, &self.id) }.to_string()
    }
}

fn must_know(
    token: &Token<'_>,
    mechanism: MechanismType,
    name: &'static str,
    operation: &'static str,
) -> Result<(), TokenFailure> {
    if token.knows(mechanism)? { Ok(()) } else { Err(TokenFailure::Mechanism { mechanism: name, operation }) }
}

fn generate(session: &Session, object: &str, id: &[u8], curve: &[u8]) -> Result<(ObjectHandle, ObjectHandle), Error> {
    let (label, id) = (object.as_bytes().to_vec(), id.to_vec());
    let public = [
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::Label(label.clone()),
        Attribute::Id(id.clone()),
        Attribute::EcParams(curve.to_vec()),
    ];
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Label(label),
        Attribute::Id(id),
    ];
    session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)
}

/// The public half that lies beside a secret one under the same id, or that the secret one itself shows.
fn public_half(session: &Session, private: &Found) -> Result<PublicKey, TokenFailure> {
    let mut template = vec![Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::KeyType(KeyType::EC_EDWARDS)];
    template.push(match private.id.is_empty() {
        true => Attribute::Label(private.label.clone().into_bytes()),
        false => Attribute::Id(private.id.clone()),
    });
    let beside = session.find_objects(&template).map_err(TokenFailure::said("look for the public half"))?;
    match beside[..] {
        [] => checked(session, private.handle),
        [handle] => checked(session, handle),
        _ => {
            let found: Result<Vec<_>, _> = beside.into_iter().map(|handle| Found::read(session, handle)).collect();
            Err(TokenFailure::TwoKeys { keys: found?.iter().map(Found::uri).collect() })
        }
    }
}

/// The public key an object shows, if it may be listed.
fn checked(session: &Session, handle: ObjectHandle) -> Result<PublicKey, TokenFailure> {
    let attributes = session
        .get_attributes(handle, &[AttributeType::EcPoint])
        .map_err(TokenFailure::said("show the public half of the key"))?;
    let point = attributes.into_iter().find_map(|attribute| match attribute {
        Attribute::EcPoint(point) => Some(point),
        _ => None,
    });
    let point = point.ok_or(TokenFailure::NoPublicHalf)?;
    PublicKey::from_bytes(key_bytes(&point).ok_or(TokenFailure::OtherKind)?).map_err(TokenFailure::Public)
}

fn sign(
    session: &Session,
    key: ObjectHandle,
    public: &PublicKey,
    message: &Message,
) -> Result<Signature, TokenFailure> {
    let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
    let signed = session.sign(&mechanism, key, message.bytes()).map_err(|error| match error {
        Error::Pkcs11(RvError::DataLenRange | RvError::DeviceMemory, _) => {
            TokenFailure::TooLong { bytes: message.bytes().len() }
        }
        other => TokenFailure::said("sign")(other),
    })?;
    let signature = signed.try_into().map(Signature::from_bytes).map_err(|_| TokenFailure::BadSignature)?;
    public.check(message, &signature).map_err(|_| TokenFailure::BadSignature)?;
    Ok(signature)
}
