//! The samples' logic answers as `samples/*.cases.json` say; `samples/README.md` explains the format.

use std::{collections::BTreeMap, fs, path::PathBuf};

use guichet_engine::Program;
use serde_json::{Map, Value as Json};

use crate::session::{PATIENT, Session, component, folder, launched};

/// What a question may say.
const MEMBERS: &[&str] = &["handler", "input", "answer", "answer_has", "refused", "remember"];

#[test]
fn residence_permit_answers_as_its_cases_say() {
    check("residence-permit", &folder(&samples().join("residence-permit")), 10);
}

#[test]
fn benefit_estimator_answers_as_its_cases_say() {
    check("benefit-estimator", &component("benefit-estimator"), 4);
}

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

/// Plays every case and names all that fail; there must be some number of them.
fn check(name: &str, program: &Program, at_least: usize) {
    let path = samples().join(format!("{name}.cases.json"));
    let file: Json = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let at_ms = file["at_ms"].as_u64().unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= at_least, "{name} has {} cases", cases.len());
    let failures: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let why = play(program, at_ms, case).err()?;
            Some(format!("{}: {why}", case["name"].as_str().unwrap()))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {} cases fail\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn play(program: &Program, at_ms: u64, case: &Json) -> Result<(), String> {
    let mut session = Session::boot(program, PATIENT).map_err(|ended| ended.to_string())?;
    session.now = at_ms;
    match case["storage"].as_str() {
        None => {}
        Some("denied") => drop(session.denied.insert("storage")),
        Some(other) => return Err(format!("storage cannot be `{other}`")),
    }
    session.run(launched(), 0).map_err(|ended| ended.to_string())?;
    let mut remembered = BTreeMap::new();
    for (number, ask) in (1..).zip(case["asks"].as_array().unwrap()) {
        let ask = with(&remembered, ask);
        let handler = ask["handler"].as_str().unwrap();
        question(&mut session, &ask, &mut remembered)
            .map_err(|why| format!("question {number}, {handler}({}), {why}", ask["input"]))?;
    }
    Ok(())
}

fn question(session: &mut Session, ask: &Json, remembered: &mut BTreeMap<String, Json>) -> Result<(), String> {
    let ask = ask.as_object().unwrap();
    if let Some(unknown) = ask.keys().find(|member| !MEMBERS.contains(&member.as_str())) {
        return Err(format!("has the unknown member `{unknown}`"));
    }
    let answer = session.ask(ask["handler"].as_str().unwrap(), ask["input"].clone()).map_err(|e| e.to_string())?;
    let (wanted, is_right) = wanted(ask, &answer)?;
    if !is_right {
        let answered = answer.map_or_else(|sentence| format!("it failed: {sentence}"), |json| json.to_string());
        return Err(format!("should answer\n  {wanted}\nand answered\n  {answered}"));
    }
    for (name, member) in ask.get("remember").and_then(Json::as_object).into_iter().flatten() {
        let value = answer.as_ref().ok().and_then(|json| json.get(member.as_str()?)).cloned();
        remembered.insert(name.clone(), value.ok_or_else(|| format!("brought no {member}"))?);
    }
    Ok(())
}

/// What a question expects, in words, and whether this is it.
fn wanted(ask: &Map<String, Json>, answer: &Result<Json, String>) -> Result<(String, bool), String> {
    match (ask.get("answer"), ask.get("answer_has"), ask.get("refused")) {
        (Some(wanted), None, None) => Ok((wanted.to_string(), answer.as_ref() == Ok(wanted))),
        (None, Some(wanted), None) => {
            Ok((format!("at least {wanted}"), answer.as_ref().is_ok_and(|json| has(json, wanted))))
        }
        (None, None, Some(Json::Bool(true))) => Ok(("a failure".to_owned(), answer.is_err())),
        _ => Err("needs one of answer, answer_has and refused".to_owned()),
    }
}

/// Whether an answer has at least these members.
fn has(answer: &Json, wanted: &Json) -> bool {
    match wanted {
        Json::Object(members) => {
            answer.is_object()
                && members.iter().all(|(name, wanted)| answer.get(name).is_some_and(|member| has(member, wanted)))
        }
        other => answer == other,
    }
}

/// Puts what was remembered in the place of `{name}`.
fn with(remembered: &BTreeMap<String, Json>, value: &Json) -> Json {
    match value {
        Json::String(text) => {
            let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            name.and_then(|name| remembered.get(name)).unwrap_or(value).clone()
        }
        Json::Array(items) => items.iter().map(|item| with(remembered, item)).collect(),
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, member)| (name.clone(), with(remembered, member))).collect())
        }
        other => other.clone(),
    }
}
