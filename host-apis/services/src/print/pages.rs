//! A page of an app as one more document: who makes a PDF of it, and what is said where nobody can.

use std::fmt;

use guichet_contract::{
    AppId, Failure, Stop,
    print::{Document, MAX_DOCUMENT_BYTES, Paper},
};

use super::failure;

/// Who draws pages on paper: whoever shows them.
pub trait PagePart: Send + Sync + fmt::Debug {
    /// A PDF of a page of an app, as a person sees it now; of the one in front if no page asks but the logic.
    fn pdf(&self, app: &AppId, page: Option<u32>, paper: Paper, stop: &Stop) -> Result<Vec<u8>, PageTrouble>;
}

/// Why there is no PDF of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageTrouble {
    /// No person sees it.
    NotSeen,
    /// It makes more bytes than a document may have.
    TooLarge,
    /// Whoever draws it made none, and why.
    Unmade(String),
}

/// Pages that nobody sees: what would lie on paper is one empty sheet.
#[derive(Debug, Default)]
pub struct SimulatedPages;

impl PagePart for SimulatedPages {
    fn pdf(&self, _: &AppId, _: Option<u32>, paper: Paper, _: &Stop) -> Result<Vec<u8>, PageTrouble> {
        let (width, height) = match paper {
            Paper::A4 => (595, 842),
            Paper::A5 => (420, 595),
        };
        let sheet = format!(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj \
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]>>endobj trailer<</Root 1 0 R>>"
        );
        Ok(sheet.into_bytes())
    }
}

/// The page as a document.
pub(super) fn pdf(
    part: Option<&dyn PagePart>,
    app: &AppId,
    page: Option<u32>,
    paper: Paper,
    stop: &Stop,
) -> Result<Document, Failure> {
    let Some(part) = part else {
        let what = "no page is printed on this terminal";
        return Err(failure("print/form", what, "make a PDF of it, and print that"));
    };
    let made = part.pdf(app, page, paper, stop).and_then(|bytes| match bytes {
        bytes if bytes.len() > MAX_DOCUMENT_BYTES => Err(PageTrouble::TooLarge),
        bytes => Ok(Document::Pdf(bytes)),
    });
    made.map_err(|trouble| in_words(&trouble))
}

fn in_words(trouble: &PageTrouble) -> Failure {
    match trouble {
        PageTrouble::NotSeen => {
            let hint = "print when a button of the page is pressed, and stay on it";
            failure("print/not-seen", "another page is seen, or none", hint)
        }
        PageTrouble::TooLarge => {
            let hint = "leave out pictures and long lists by `@media print`";
            failure("print/form", "the page comes to a PDF of more than 2 MiB", hint)
        }
        PageTrouble::Unmade(why) => {
            failure("print/form", &format!("no PDF came of the page: {why}"), "try again, or make a PDF of it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Has this to say of every page.
    #[derive(Debug)]
    struct Says(Result<Vec<u8>, PageTrouble>);

    impl PagePart for Says {
        fn pdf(&self, _: &AppId, _: Option<u32>, _: Paper, _: &Stop) -> Result<Vec<u8>, PageTrouble> {
            self.0.clone()
        }
    }

    fn asked(part: Option<&dyn PagePart>) -> Result<Document, Failure> {
        pdf(part, &"a.b".parse().unwrap(), Some(1), Paper::A4, &Stop::default())
    }

    #[test]
    fn a_page_that_cannot_be_printed_says_what_to_do() {
        let unmade = PageTrouble::Unmade("the disk is full".to_owned());
        let mut words = vec![asked(None).unwrap_err().to_string()];
        for said in [Err(PageTrouble::NotSeen), Ok(vec![0; MAX_DOCUMENT_BYTES + 1]), Err(unmade)] {
            words.push(asked(Some(&Says(said))).unwrap_err().to_string());
        }
        insta::assert_snapshot!(words.join("\n"), @r"
        print/form: no page is printed on this terminal; hint: make a PDF of it, and print that
        print/not-seen: another page is seen, or none; hint: print when a button of the page is pressed, and stay on it
        print/form: the page comes to a PDF of more than 2 MiB; hint: leave out pictures and long lists by `@media print`
        print/form: no PDF came of the page: the disk is full; hint: try again, or make a PDF of it
        ");
        assert_eq!(asked(Some(&Says(Ok(vec![0; MAX_DOCUMENT_BYTES])))), Ok(Document::Pdf(vec![0; MAX_DOCUMENT_BYTES])));
    }
}
