//! The media type of a package that comes over a network (MiniApp Packaging, *Container Retrieval*; P-Z5, P-A1).

use crate::{
    Refusal,
    container::{ContainerFault, ContainerRefusal},
};

/// The media type a store answers with.
pub const PACKAGE: &str = "application/miniapp-pkg+zip";
/// What W3C's registration says until it is through.
pub const INTERIM: &str = "application/x-w3c-miniapp-pkg+zip";

/// Refuses what a server does not call a package. Parameters of a `Content-Type` do not matter, and neither does case;
/// none at all is no package.
///
/// A file that lies on this machine has no media type and is not asked for one.
pub fn check(content_type: Option<&str>) -> Result<(), Refusal> {
    let written = content_type.unwrap_or_default();
    let essence = written.split(';').next().unwrap_or_default().trim_ascii();
    if [PACKAGE, INTERIM].iter().any(|known| essence.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(ContainerRefusal::whole(ContainerFault::MediaType(written.to_owned())).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registered_type_and_its_interim_alias_are_packages() {
        for good in [PACKAGE, INTERIM, "Application/MiniApp-Pkg+ZIP", "application/miniapp-pkg+zip; v=1"] {
            assert!(check(Some(good)).is_ok(), "{good}");
        }
        for bad in ["", "application/zip", "application/octet-stream", "application/miniapp-pkg+zipped", ";"] {
            assert_eq!(check(Some(bad)).map_err(|refusal| refusal.class()), Err("container/media-type"), "{bad}");
        }
        assert!(check(None).is_err());
    }
}
