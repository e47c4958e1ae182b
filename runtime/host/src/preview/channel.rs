//! The channel: TLS 1.3 in which each side is a raw Ed25519 key (RFC 7250, RFC 8446, RFC 8410), and nothing else.
//!
//! No certificates, no names, no resumption: who the other side is, is its key. The terminal accepts one key, the one in the
//! address. The developer's computer learns a key here and decides afterwards whether it is paired.

use std::{
    io::{self, BufReader, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, DistinguishedName, Error as TlsError,
    ServerConfig, ServerConnection, SignatureScheme, StreamOwned,
    client::{
        AlwaysResolvesClientRawPublicKeys, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{
        AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
};

use super::PreviewError;

/// What both sides say that they speak (RFC 7301).
const PROTOCOL: &[u8] = b"guichet-preview/2";

/// What an Ed25519 key begins with as a SubjectPublicKeyInfo (RFC 8410, section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What its secret half begins with as PKCS #8 (RFC 8410, section 7).
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// How long the other side may take to shake hands and to say who it is.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The public half of a computer's or a terminal's key for previews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerKey([u8; 32]);

impl PeerKey {
    /// An Ed25519 public key.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The first half of it, in groups, for people: `8a88e3dd 7409f195 fd52db2d 3cba5d72`.
    pub fn shown(self) -> String {
        let groups: Vec<String> = self.0.chunks(4).take(4).map(hex::encode).collect();
        groups.join(" ")
    }

    fn of_spki(der: &[u8]) -> Option<Self> {
        Some(Self(der.strip_prefix(&SPKI)?.try_into().ok()?))
    }

    fn spki(self) -> Vec<u8> {
        [&SPKI[..], &self.0].concat()
    }
}

/// A key for previews, with its secret half.
#[derive(Clone)]
pub struct Identity {
    key: Arc<CertifiedKey>,
    public: PeerKey,
}

impl Identity {
    /// The key made from 32 random bytes.
    pub fn of_seed(seed: &[u8; 32]) -> Result<Self, PreviewError> {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from([&PKCS8[..], seed].concat()));
        let broken = |error: TlsError| PreviewError::Pairings { why: error.to_string() };
        let key = ring::default_provider().key_provider.load_private_key(der).map_err(broken)?;
        let spki = key.public_key().map(|spki| spki.to_vec()).unwrap_or_default();
        let public = PeerKey::of_spki(&spki)
            .ok_or_else(|| PreviewError::Pairings { why: "the key is of another kind".to_owned() })?;
        Ok(Self { key: Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], key)), public })
    }

    /// Its public half.
    pub fn public(&self) -> PeerKey {
        self.public
    }

    pub(super) fn server(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let mut config = builder
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(Arc::new(Anybody { algorithms: provider.signature_verification_algorithms }))
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(Arc::clone(&self.key))));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    fn client(&self, only: PeerKey) -> Result<Arc<ClientConfig>, TlsError> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let verifier = Only { key: only, algorithms: provider.signature_verification_algorithms };
        let builder = ClientConfig::builder_with_provider(provider);
        let mut config = builder
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&self.key))));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.resumption = Resumption::disabled();
        config.enable_sni = false;
        Ok(Arc::new(config))
    }
}

/// A connection on which every step has to be done by a certain time.
#[derive(Debug)]
pub(super) struct Timed {
    stream: TcpStream,
    by: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.by.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The developer's computer's end.
pub(super) type ServerEnd = BufReader<StreamOwned<ServerConnection, Timed>>;
/// The terminal's end.
pub(super) type TerminalEnd = BufReader<StreamOwned<ClientConnection, Timed>>;

/// An end whose next steps can be given a time.
pub(super) trait Until {
    /// From now on a step has to be done within this time.
    fn within(&mut self, time: Duration);
}

impl<C> Until for BufReader<StreamOwned<C, Timed>> {
    fn within(&mut self, time: Duration) {
        self.get_mut().sock.by = Instant::now() + time;
    }
}

/// Shakes hands with whoever has connected, and learns its key.
pub(super) fn accept(config: Arc<ServerConfig>, stream: TcpStream) -> io::Result<(ServerEnd, PeerKey)> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut owned = StreamOwned::new(connection, timed(stream)?);
    while owned.conn.is_handshaking() {
        owned.conn.complete_io(&mut owned.sock)?;
    }
    let key = owned.conn.peer_certificates().and_then(|keys| keys.first()).and_then(|key| PeerKey::of_spki(key));
    let key = key.ok_or_else(|| io::Error::other("the other side has shown no key"))?;
    let is_ours = owned.conn.alpn_protocol() == Some(PROTOCOL);
    if is_ours {
        Ok((BufReader::new(owned), key))
    } else {
        Err(io::Error::other("the other side speaks another protocol"))
    }
}

/// Shakes hands with the one key that is accepted there.
pub(super) fn connect(identity: &Identity, address: &super::PreviewAddress) -> Result<TerminalEnd, PreviewError> {
    let unreachable = |source: io::Error| PreviewError::Unreachable { at: address.at, why: source.to_string() };
    let stream = TcpStream::connect_timeout(&address.at, PATIENCE).map_err(unreachable)?;
    let config = identity.client(address.key).map_err(|error| PreviewError::broken(&error))?;
    let name = ServerName::IpAddress(address.at.ip().into());
    let connection = ClientConnection::new(config, name).map_err(|error| PreviewError::broken(&error))?;
    let mut owned = StreamOwned::new(connection, timed(stream).map_err(unreachable)?);
    while owned.conn.is_handshaking() {
        owned.conn.complete_io(&mut owned.sock).map_err(|error| of_handshake(&error))?;
    }
    Ok(BufReader::new(owned))
}

fn of_handshake(error: &io::Error) -> PreviewError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    match inner {
        Some(TlsError::InvalidCertificate(_)) => PreviewError::OtherKey,
        _ => PreviewError::broken(error),
    }
}

fn timed(stream: TcpStream) -> io::Result<Timed> {
    stream.set_nodelay(true)?;
    Ok(Timed { stream, by: Instant::now() + PATIENCE })
}

/// Accepts one key.
#[derive(Debug)]
struct Only {
    key: PeerKey,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Only {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if shown.as_ref() == self.key.spki() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::PeerIncompatible(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let spki = SubjectPublicKeyInfoDer::from(shown.as_ref());
        verify_tls13_signature_with_raw_key(message, &spki, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// Accepts any key that its owner can sign with; whether it is paired is decided afterwards.
#[derive(Debug)]
struct Anybody {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        match PeerKey::of_spki(shown) {
            Some(_) => Ok(ClientCertVerified::assertion()),
            None => Err(TlsError::InvalidCertificate(CertificateError::BadEncoding)),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::PeerIncompatible(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let spki = SubjectPublicKeyInfoDer::from(shown.as_ref());
        verify_tls13_signature_with_raw_key(message, &spki, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 1.
    #[test]
    fn a_seed_gives_the_key_of_rfc_8032() {
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let identity = Identity::of_seed(&seed.try_into().unwrap()).unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(hex::encode(identity.public().to_bytes()), public);
        assert_eq!(identity.public().shown(), "d75a9801 82b10ab7 d54bfed3 c964073a");
    }
}
