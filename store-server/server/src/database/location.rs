//! Where the store's truth is kept, and how that place is reached.

use std::{net::IpAddr, path::PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::migrate::Migrator;

use crate::error::StoreError;

/// What separates the names in a path stays as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Where the truth is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// SQLite, in this file.
    File(PathBuf),
    /// PostgreSQL, at this address.
    Postgres(String),
}

impl Location {
    /// An address of PostgreSQL; none if it is of anything else.
    pub fn postgres(address: &str) -> Option<Self> {
        let scheme = address.split_once("://").map(|(scheme, _)| scheme);
        matches!(scheme, Some("postgres" | "postgresql")).then(|| Self::Postgres(address.to_owned()))
    }

    pub(super) fn address(&self, create: bool) -> Result<String, StoreError> {
        match self {
            Self::Postgres(address) => Ok(guarded(address, |name| std::env::var(name).ok())),
            Self::File(path) => {
                let path = std::path::absolute(path).map_err(StoreError::file("find", path))?;
                let path = path.to_string_lossy();
                let mode = if create { "rwc" } else { "rw" };
                Ok(format!("sqlite://{}?mode={mode}", utf8_percent_encode(&path, IN_PATH)))
            }
        }
    }

    /// As it is named in messages: without the password.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Postgres(address) => {
                let place = address.rsplit('@').next().unwrap_or(address);
                let place = place.split('?').next().unwrap_or(place);
                format!("postgres://{}", place.rsplit("://").next().unwrap_or(place))
            }
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The number of the last change of the tables that this version knows.
    pub(crate) fn tables(&self) -> i64 {
        self.migrations().migrations.last().map_or(0, |migration| migration.version)
    }

    /// The tables, in the order in which they came to be; the same in both.
    pub(super) fn migrations(&self) -> Migrator {
        match self {
            Self::File(_) => sqlx_macros::migrate!("./migrations/sqlite"),
            Self::Postgres(_) => sqlx_macros::migrate!("./migrations/postgres"),
        }
    }
}

/// The address as it is used: over a network nobody is believed without a certificate, unless the operator says so, here
/// or in libpq's variables of the environment.
fn guarded(address: &str, environment: impl Fn(&str) -> Option<String>) -> String {
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let set: Vec<(&str, &str)> = query.split('&').filter_map(|setting| setting.split_once('=')).collect();
    let has =
        |names: [&str; 2]| set.iter().rfind(|(name, _)| names.contains(name)).map(|(_, value)| (*value).to_owned());
    let of_place = || {
        let host = place.split("://").nth(1)?.split('/').next()?.rsplit('@').next()?;
        let host = host.strip_prefix('[').and_then(|host| host.split(']').next()).or_else(|| host.split(':').next())?;
        (!host.is_empty()).then(|| host.to_owned())
    };
    let host = has(["host", "hostaddr"]).or_else(of_place).or_else(|| environment("PGHOST")).unwrap_or_default();
    let is_here =
        host.parse::<IpAddr>().map_or(host.is_empty() || host == "localhost", |address| address.is_loopback());
    let is_socket = host.starts_with('/') || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"));
    if is_here || is_socket || has(["sslmode", "ssl-mode"]).or_else(|| environment("PGSSLMODE")).is_some() {
        return address.to_owned();
    }
    format!("{address}{}sslmode=verify-full", if address.contains('?') { '&' } else { '?' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password_and_a_path_may_have_any_name() {
        let shown = |address: &str| Location::postgres(address).map(|location| location.shown());
        assert_eq!(
            shown("postgres://store:p%40ss@db.example:5432/store?sslmode=require").as_deref(),
            Some("postgres://db.example:5432/store")
        );
        assert_eq!(shown("postgresql:///store?password=secret").as_deref(), Some("postgres:///store"));
        assert_eq!(shown("mysql://store@db.example/store"), None);
        assert_eq!(shown("store.db"), None);
        let odd = Location::File("/a b/50%?#/store.db".into()).address(true).unwrap();
        assert_eq!(odd, "sqlite:///a%20b/50%25%3F%23/store.db?mode=rwc");
    }

    #[test]
    fn over_a_network_a_server_proves_who_it_is_unless_the_operator_says_otherwise() {
        for (address, guard) in [
            ("postgres://u:p@db.example/store", "?sslmode=verify-full"),
            ("postgres://u:p@db.example:5433/store?sslrootcert=/ca.pem", "&sslmode=verify-full"),
            ("postgres://10.0.0.7", "?sslmode=verify-full"),
            ("postgres://u@[fd00::7]:5432/store", "?sslmode=verify-full"),
            ("postgres:///store?host=db.example", "&sslmode=verify-full"),
            ("postgres://localhost.example/store", "?sslmode=verify-full"),
            ("postgres://db.example/store?sslmode=disable", ""),
            ("postgres://db.example/store?a=b&ssl-mode=require", ""),
            ("postgres://u:p@localhost:5433/store", ""),
            ("postgres://127.0.0.1/store", ""),
            ("postgres://u@[::1]:5432/store", ""),
            ("postgres://store@%2Fvar%2Frun/store", ""),
            ("postgres:///store?host=/var/run", ""),
            ("postgres:///store", ""),
            ("postgres://", ""),
        ] {
            assert_eq!(guarded(address, |_| None), format!("{address}{guard}"));
        }
        let said =
            |wanted: &'static str, value: &'static str| move |name: &str| (name == wanted).then(|| value.to_owned());
        assert_eq!(guarded("postgres://db.example", said("PGSSLMODE", "prefer")), "postgres://db.example");
        assert_eq!(guarded("postgres:///s", said("PGHOST", "db.example")), "postgres:///s?sslmode=verify-full");
    }
}
