//! Which hosts the files of a package name in addresses, found in the bytes of every file, comments and components too.
//!
//! A name is no permission: what an app may reach is the scope of `host:network`. It says what to ask about.

use std::collections::{BTreeMap, BTreeSet};

use crate::PackageFile;

/// Each host and the files that name it.
pub type Domains = BTreeMap<String, BTreeSet<String>>;

const SCHEMES: [&[u8]; 4] = [b"https:", b"http:", b"wss:", b"ws:"];
/// The longest name of a host (RFC 1035, section 2.3.4).
const LONGEST: usize = 253;

/// Finds the hosts that a package names.
pub fn of(package: &PackageFile) -> Domains {
    let mut domains = Domains::new();
    for (path, bytes) in package.files() {
        for host in hosts(bytes) {
            domains.entry(host).or_default().insert(path.to_string());
        }
    }
    domains
}

/// The hosts of all `https://host`, and of `//host` in quotes, in lower case, with the port if there is one.
fn hosts(bytes: &[u8]) -> BTreeSet<String> {
    let slashes = bytes.windows(2).enumerate().filter(|(_, two)| *two == b"//").map(|(at, _)| at);
    slashes.filter_map(|at| host_at(bytes, at)).collect()
}

fn host_at(bytes: &[u8], at: usize) -> Option<String> {
    let (before, after) = (&bytes[..at], &bytes[at + 2..]);
    let has_scheme = |scheme: &&[u8]| {
        let place = before.len().checked_sub(scheme.len());
        place.is_some_and(|place| before[place..].eq_ignore_ascii_case(scheme))
    };
    let in_quotes = || matches!(before.last(), Some(b'"' | b'\'' | b'`' | b'('));
    if !SCHEMES.iter().any(has_scheme) && !in_quotes() {
        return None;
    }
    // What stands before an `@` is no host, and only looks like one.
    let is_authority = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:@%[]".contains(byte) || *byte >= 0x80;
    let end =
        after.iter().take(2 * LONGEST).position(|byte| !is_authority(byte)).unwrap_or(after.len().min(2 * LONGEST));
    let authority = String::from_utf8_lossy(&after[..end]);
    let host = authority.rsplit('@').next().unwrap_or_default().trim_end_matches(['.', ':']).to_lowercase();
    let is_host = host.contains(['.', '[']) && host.len() <= LONGEST && !host.starts_with(['.', '-', ':']);
    (is_host || host.split(':').next() == Some("localhost")).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        hosts(text.as_bytes()).into_iter().collect()
    }

    #[test]
    fn hosts_of_addresses_are_found() {
        let text =
            r#"fetch("https://API.example/x?y"); new WebSocket('wss://live.example:8443/z') // http://old.example."#;
        assert_eq!(found(text), ["api.example", "live.example:8443", "old.example"]);
        assert_eq!(found("url(//cdn.example/a.css)"), ["cdn.example"]);
        assert_eq!(found("src='//cdn.example'"), ["cdn.example"]);
        assert_eq!(found("https://good.example@evil.example/"), ["evil.example"]);
        assert_eq!(
            found("http://localhost:8080 http://[::1]:9/ http://10.0.0.1"),
            ["10.0.0.1", "[::1]:9", "localhost:8080"]
        );
        assert_eq!(found("https://居住证.example/"), ["居住证.example"]);
    }

    #[test]
    fn what_is_no_address_is_not() {
        assert_eq!(found("// a comment. /// more.text //"), [""; 0]);
        assert_eq!(found("https:// https://. https://- x//y.z \"// said\" 'a//b.c'"), [""; 0]);
        assert_eq!(found(&format!("https://{}.example", "a".repeat(600))), [""; 0]);
    }

    #[test]
    fn hosts_in_a_component_are_found() {
        assert_eq!(hosts(b"\0asm\x01\0\0\0\x0bhttps://data.example/x\0"), BTreeSet::from(["data.example".to_owned()]));
    }
}
