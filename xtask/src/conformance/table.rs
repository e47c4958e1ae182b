//! The tables of docs/conformance.md, written from the suite.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};

use super::suite::{Case, Suite};

const DOCUMENT: &str = "docs/conformance.md";
const BEGIN: &str = "<!-- written by cargo xtask conformance -->";

/// Writes the tables below the document's mark.
pub(crate) fn write(root: &Path, suite: &Suite) -> Result<()> {
    Ok(fs::write(root.join(DOCUMENT), document(root, suite)?)?)
}

/// The document as it must be.
pub(crate) fn document(root: &Path, suite: &Suite) -> Result<String> {
    let text = fs::read_to_string(root.join(DOCUMENT))?;
    let (introduction, _) = text.split_once(BEGIN).with_context(|| format!("{DOCUMENT} has no mark {BEGIN}"))?;
    Ok(format!("{introduction}{BEGIN}\n\n{}", tables(suite)))
}

fn tables(suite: &Suite) -> String {
    let mut out = String::new();
    let stricter = suite.cases.iter().filter(|case| case.stricter.is_some()).count();
    let silent = suite.cases.iter().filter(|case| case.w3c == "silent").count();
    let glass = suite.cases.iter().filter(|case| case.has_glass).count();
    let asserted = suite.cases.len() - stricter - silent;
    let _ = writeln!(
        out,
        "{} requirements, {} cases: {asserted} as the text says, {silent} where it is silent or says two things, {stricter} stricter on purpose. {glass} of them look at a \
         window.\n\n## Requirements\n\n| id | level | in our words | shown by |\n| --- | --- | --- | --- |",
        suite.requirements.len(),
        suite.cases.len(),
    );
    for one in &suite.requirements {
        let cases = suite.cases.iter().filter(|case| case.shows.contains(&one.id)).count();
        let shown = match (cases, suite.tests.contains_key(&one.id)) {
            (0, false) => "not yet".to_owned(),
            (0, true) => "tests".to_owned(),
            (1, false) => "1 case".to_owned(),
            (cases, false) => format!("{cases} cases"),
            (1, true) => "1 case, tests".to_owned(),
            (cases, true) => format!("{cases} cases, tests"),
        };
        let _ = writeln!(out, "| {} | {} | {} ({}) | {shown} |", one.id, one.level, cell(&one.text), one.clause);
    }
    out.push_str("\n## Cases\n\n| case | what | the text | strict | compat |\n| --- | --- | --- | --- | --- |\n");
    for case in &suite.cases {
        let compat = case.compat.as_ref().unwrap_or(&case.strict);
        let _ = writeln!(
            out,
            "| {}{} | {} | {} | {} | {compat} |",
            case.name,
            if case.has_glass { " (window)" } else { "" },
            cell(&case.about),
            case.w3c,
            strict(case),
        );
    }
    out
}

fn strict(case: &Case) -> String {
    match &case.stricter {
        Some(why) => format!("{}; on purpose: {}", case.strict, cell(why)),
        None => case.strict.clone(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
