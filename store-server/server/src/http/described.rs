//! What every operation of the API has in common, added to the document that the routes were collected into.

use guichet_api::{PROBLEM_MEDIA_TYPE, paths};
use serde_json::json;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
};

use super::{API, page::MOST};

/// What a tag looks like.
const TAG: &str = "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"";

/// The document with what every operation may be asked and may answer.
pub(super) fn whole(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let path = path.strip_prefix(API).unwrap_or(path);
        if let Some(read) = &mut item.get {
            reads(path, read);
        }
        if let Some(change) = &mut item.post {
            changes(path, change);
        }
    }
    document
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_MEDIA_TYPE, content).build().into()
}

fn may_answer(operation: &mut Operation, status: &str, description: &str) {
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(description));
}

fn too_many(operation: &mut Operation) {
    may_answer(operation, "429", "More than may be asked within a minute; `Retry-After` says when to go on.");
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn parameter(name: &str, place: ParameterIn, description: &str, schema: ObjectBuilder) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}

fn takes(operation: &mut Operation, parameter: Parameter) {
    operation.parameters.get_or_insert_default().push(parameter.into());
}

fn says(operation: &mut Operation, name: &str, description: &str) {
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            let header = HeaderBuilder::new().schema(Some(text())).description(Some(description)).build();
            response.headers.insert(name.to_owned(), header.into());
        }
    }
}

fn reads(path: &str, operation: &mut Operation) {
    too_many(operation);
    if path != paths::AUDIT_EXPORT {
        let known = parameter("If-None-Match", ParameterIn::Header, "Tags of what you have already.", text());
        takes(operation, known.example(Some(json!(TAG))).build());
        says(operation, "ETag", "Another one whenever a byte of the answer is another.");
        let unchanged = ResponseBuilder::new().description("You have it already.").build();
        operation.responses.responses.insert("304".to_owned(), unchanged.into());
    }
    let lists = [
        paths::SUBMISSIONS,
        paths::APPS,
        paths::EVENTS,
        paths::MESSAGES,
        paths::PEOPLE,
        paths::INVITATIONS,
        paths::TOKENS,
        paths::SERVICES,
    ];
    if lists.contains(&path) || path == paths::AUDIT {
        let limit = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(MOST as f64));
        let limit = parameter("limit", ParameterIn::Query, "Most items of the page; 100 if it is not said.", limit);
        takes(operation, limit.example(Some(json!(50))).build());
        let pattern = if path == paths::AUDIT { "^[0-9]{1,18}$" } else { "^[0-9A-Za-z._/-]{1,260}$" };
        let cursor = text().pattern(Some(pattern));
        let about = "Where the page begins, as the `Link` of the one before it says.";
        takes(operation, parameter("cursor", ParameterIn::Query, about, cursor).build());
        says(operation, "Link", "The next page, if there is one: `rel=\"next\"` (RFC 8288).");
    }
}

fn changes(path: &str, operation: &mut Operation) {
    too_many(operation);
    // Terminals number what they tell.
    if path == paths::BEACONS || path.starts_with("/terminals/") {
        return;
    }
    let key = text().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"));
    let about = "A text of your own, another one for each thing you do. The same request with the same key within 24 hours is \
                 answered as before and not done again; another request with it is refused.";
    let key = parameter("Idempotency-Key", ParameterIn::Header, about, key);
    takes(operation, key.example(Some(json!("01939b4e-7a1c-7cc0-9f6e-2f6d5d1c8a11"))).build());
    says(operation, "Idempotency-Replayed", "`true` where the answer is the one that there was.");
    may_answer(operation, "400", "The key, or the body, is not one.");
    may_answer(operation, "409", "It is being done under this key, or its answer is lost.");
    may_answer(operation, "422", "The key was used for another request.");
    if path.starts_with("/submissions/{id}/") || path.starts_with("/apps/{app}/{channel}/") {
        let about =
            "The tag of what you have seen at the address above this one; if it is another by now, nothing is done.";
        let seen = parameter("If-Match", ParameterIn::Header, about, text());
        takes(operation, seen.example(Some(json!(TAG))).build());
        may_answer(operation, "412", "It is not as you saw it any more.");
    }
}
