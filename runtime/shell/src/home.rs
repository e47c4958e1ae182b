//! The files of the host's own page, compiled in.

use crate::{
    answer::{self, Answer},
    origin::HOME_SCHEME,
};

macro_rules! files {
    ($($name:literal $mime:literal;)*) => {
        const FILES: &[(&str, &str, &[u8])] = &[$(($name, $mime, include_bytes!(concat!("home/", $name)))),*];
    };
}

files! {
    "index.html" "text/html; charset=utf-8";
    "tokens.css" "text/css; charset=utf-8";
    "faces.css" "text/css; charset=utf-8";
    "home.css" "text/css; charset=utf-8";
    "kiosk.css" "text/css; charset=utf-8";
    "home.js" "text/javascript; charset=utf-8";
    "dom.js" "text/javascript; charset=utf-8";
    "text.js" "text/javascript; charset=utf-8";
    "hall.js" "text/javascript; charset=utf-8";
    "kiosk.js" "text/javascript; charset=utf-8";
    "frame.js" "text/javascript; charset=utf-8";
    "sheet.js" "text/javascript; charset=utf-8";
    "scan.js" "text/javascript; charset=utf-8";
    "idle.html" "text/html; charset=utf-8";
    "idle.css" "text/css; charset=utf-8";
    "idle.js" "text/javascript; charset=utf-8";
}

/// Answers a request of the host's own view.
pub(crate) fn serve(url: &str) -> Answer {
    answer::own(FILES, url.strip_prefix(HOME_SCHEME).and_then(|rest| rest.strip_prefix("://home/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answer::POLICY, origin::HOME_URL};

    #[test]
    fn every_file_of_the_page_is_served_and_nothing_else() {
        assert_eq!(serve(HOME_URL).headers()["content-security-policy"], POLICY);
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/home")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let expected = if name == "README.md" { 404 } else { 200 };
            assert_eq!(serve(&format!("guichet-home://home/{name}")).status(), expected, "{name}");
        }
        for url in ["guichet-home://other/index.html", "guichet-home://home/", "guichet-home://home/../home.rs", "x"] {
            assert_eq!(serve(url).status(), 404, "{url}");
        }
    }

    #[test]
    fn the_faces_of_a_page_are_the_tokens_and_none_of_another_system() {
        let faces = |css: &str, token: &str| -> Vec<String> {
            let list = css.split(&format!("{token}:")).nth(1).unwrap().split(';').next().unwrap();
            list.split(',').map(|face| face.trim().to_owned()).collect()
        };
        let (tokens, ours) = (include_str!("home/tokens.css"), include_str!("home/faces.css"));
        for token in ["--face-sans", "--face-mono"] {
            let all = faces(tokens, token);
            let ours = faces(ours, token);
            assert!(ours.iter().all(|face| all.contains(face)) && ours.last() == all.last(), "{ours:?} of {all:?}");
            for other in ["-apple-system", "ui-monospace", "\"Segoe UI\"", "\"PingFang SC\"", "\"Microsoft YaHei UI\""]
            {
                assert!(!ours.iter().any(|face| face == other), "{other} costs every text a look at all fonts");
            }
        }
        let (dev, linked) =
            (include_str!("dev/page/index.html"), "tokens.css\">\n<link rel=\"stylesheet\" href=\"faces.css\">");
        for page in [include_str!("home/index.html"), include_str!("home/idle.html"), dev] {
            assert!(page.contains(linked), "{page}");
        }
    }

    #[test]
    fn the_page_has_nothing_inline() {
        let html = concat!(include_str!("home/index.html"), include_str!("home/idle.html"));
        for inline in ["<style", " style=", " onclick=", "javascript:"] {
            assert!(!html.contains(inline), "{inline}");
        }
    }
}
