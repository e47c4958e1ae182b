//! Scripts, as a parser of JavaScript reads them.

use std::{collections::BTreeSet, ops::Range, thread};

use guichet_contract::{
    network::Domain,
    telemetry::{self, Event},
};
use guichet_package::html::resolve;
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BindingIdentifier, BindingPattern, CallExpression, ExportAllDeclaration, ExportFromDeclaration,
    Expression, IdentifierReference, ImportDeclaration, ImportExpression, NewExpression, ObjectProperty, PropertyKey,
    StaticMemberExpression, StringLiteral, TemplateElement, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{Parser, ParserReturn};
use oxc_span::{GetSpan as _, SourceType, Span};

use super::{App, Found, file, page::is_remote, rules};
use guichet_package::mentions::{
    host,
    script::{self, Token},
};

/// What the scripts of an app need.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// Permissions of calls that were found, and of interfaces that were handed on.
    pub(super) permissions: BTreeSet<&'static str>,
    /// The global is given another name or is handed on: what is called by that is not seen.
    pub(super) is_handed_on: bool,
    /// Hosts that requests name.
    pub(super) hosts: BTreeSet<String>,
}

/// What `fetch` and XMLHttpRequest need.
const NETWORK: &str = "host:network";
/// What counting needs.
const TELEMETRY: &str = "host:telemetry";

/// Members of browser objects that do nothing in a view.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("navigator", "geolocation"),
    ("navigator", "mediaDevices"),
    ("navigator", "bluetooth"),
    ("navigator", "usb"),
    ("navigator", "serial"),
    ("navigator", "share"),
    ("document", "write"),
    ("window", "open"),
    ("Notification", "requestPermission"),
];

/// Objects whose members are the globals themselves.
const GLOBALS: &[&str] = &["window", "globalThis", "self"];

/// Scripts nested deeper are not read: a parser needs room on its stack for each level.
const DEEPEST: usize = 100_000;
/// Room for so many levels.
const STACK_BYTES: usize = 1 << 30;

/// Does work that reads scripts where there is room for it; the room is taken only as it is used.
pub(super) fn with_room<T: Send>(work: impl FnOnce() -> T + Send + Copy) -> T {
    let done = thread::scope(|scope| {
        let spawned = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        spawned.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    done.unwrap_or_else(|_| work())
}

/// No fewer levels than the text can be nested: brackets that are open, and what stands in each without an end.
fn depth(text: &str) -> usize {
    let (mut levels, mut total, mut deepest) = (vec![(0, 0)], 0, 0);
    for token in script::tokens(text) {
        let is_inside = levels.len() > 1;
        let Some((chain, branches)) = levels.last_mut() else { break };
        match token {
            Token::Sign("," | ";") => {
                total -= *chain;
                *chain = 0;
            }
            Token::Sign(")" | "]" | "}") if is_inside => {
                total -= levels.pop().map_or(0, |(chain, branches)| chain + branches);
            }
            // Each is inside the one before, whatever ends between them.
            Token::Name("else") => {
                *branches += 1;
                total += 1;
            }
            token => {
                *chain += 1;
                total += 1;
                if matches!(token, Token::Sign("(" | "[" | "{")) {
                    levels.push((0, 0));
                }
            }
        }
        deepest = deepest.max(total);
    }
    deepest
}

/// Reads one script.
pub(super) fn of(app: &App<'_>, path: &str, text: &str, used: &mut Used) -> Vec<Found> {
    if depth(text) > DEEPEST {
        used.is_handed_on = true;
        return vec![Found::new(&rules::TOO_DEEP, path, None, "")];
    }
    let allocator = Allocator::default();
    let parsed = parsed(&allocator, text);
    let mut own = Own::default();
    own.visit_program(&parsed.program);
    used.is_handed_on |= own.names.contains("guichet");
    let is_logic = path == "app.js";
    let (router, own_files) = (Router::default(), BTreeSet::new());
    let mut reader = Reader { app, path, own: own.names, used, is_logic, router, own_files, all: Vec::new() };
    if let Some(fault) = parsed.diagnostics.iter().next() {
        let label = fault.labels.iter().next();
        let at = label.map_or(0, |label| label.offset() as usize);
        let end = label.map_or(at, |label| at + label.len() as usize);
        reader.all.push(Found::new(&rules::SYNTAX, path, at..end, &fault.message));
    }
    reader.visit_program(&parsed.program);
    if let Router { push: Some(push), is_router: true, has_hash: false } = reader.router {
        reader.say(&rules::HISTORY, push, "");
    }
    reader.all
}

/// As a module, or as the older kind of script if it is only that.
fn parsed<'a>(allocator: &'a Allocator, text: &'a str) -> ParserReturn<'a> {
    let module = Parser::new(allocator, text, SourceType::mjs()).parse();
    if module.diagnostics.is_empty() {
        return module;
    }
    let script = Parser::new(allocator, text, SourceType::script()).parse();
    if script.diagnostics.is_empty() { script } else { module }
}

/// What tells a router that keeps its place in the path: vue-router writes a class of its own, and only its hash
/// history asks whether a `#` is there.
#[derive(Default)]
struct Router {
    push: Option<Span>,
    is_router: bool,
    has_hash: bool,
}

/// The names a script gives to things of its own.
#[derive(Default)]
struct Own {
    names: BTreeSet<String>,
}

impl<'a> Visit<'a> for Own {
    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        self.names.insert(it.name.to_string());
    }
}

struct Reader<'r> {
    app: &'r App<'r>,
    path: &'r str,
    own: BTreeSet<String>,
    used: &'r mut Used,
    is_logic: bool,
    router: Router,
    /// Where requests for files of the package begin.
    own_files: BTreeSet<u32>,
    all: Vec<Found>,
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn text_of<'a>(expression: &Expression<'a>) -> Option<&'a str> {
    match expression {
        Expression::StringLiteral(text) => Some(text.value.as_str()),
        Expression::TemplateLiteral(text) => text.quasis.first().map(|part| part.value.raw.as_str()),
        _ => None,
    }
}

/// The beginning of a URL, up to where it is put together while the script runs.
fn url_of<'a>(expression: &Expression<'a>) -> Option<&'a str> {
    let text = text_of(expression)?;
    match expression {
        Expression::TemplateLiteral(template) if !template.expressions.is_empty() => {
            text.rfind('/').map(|at| text.get(..=at).unwrap_or_default())
        }
        _ => Some(text),
    }
}

impl Reader<'_> {
    fn say(&mut self, rule: &'static rules::Rule, span: Span, name: &str) {
        self.all.push(Found::new(rule, self.path, range(span), name));
    }

    /// The name of a global that is not one of the script's own; `window.fetch` is `fetch`.
    fn global<'e>(&self, expression: &'e Expression<'_>) -> Option<&'e str> {
        match expression {
            Expression::Identifier(name) if !self.own.contains(name.name.as_str()) => Some(name.name.as_str()),
            Expression::StaticMemberExpression(member) => {
                let object = self.global(&member.object).filter(|object| GLOBALS.contains(object));
                object.map(|_| member.property.name.as_str())
            }
            _ => None,
        }
    }

    fn import(&mut self, name: &str, span: Span) {
        if is_remote(name) {
            return self.say(&rules::REMOTE_MODULE, span, name);
        }
        if !name.starts_with(['.', '/']) {
            return self.say(&rules::BARE_IMPORT, span, name);
        }
        if let Some(file) = resolve(name, self.path) {
            self.all.extend(file::named(self.app, self.path, &file, name, range(span)));
        }
    }

    fn request(&mut self, url: &str, span: Span) {
        if url.starts_with("http:") || url.starts_with("ws:") {
            return self.say(&rules::INSECURE, span, url);
        }
        let Some(rest) = url.strip_prefix("https://") else { return };
        let host = rest.split(['/', '?', '#', '$']).next().unwrap_or(rest).to_ascii_lowercase();
        let domain = host.parse::<Domain>().ok();
        self.used.hosts.extend(domain.is_some().then(|| host.clone()));
        let Some(declared) = &self.app.declared else { return };
        if !host.is_empty() && domain.is_none_or(|domain| !declared.contains(&domain)) {
            self.say(&rules::UNDECLARED_HOST, span, &host);
        }
    }

    /// `guichet.storage`, and its function if that is known.
    fn host(&mut self, interface: &str, function: Option<&str>, span: Span) {
        let all = host::interfaces();
        let Some(known) = all.get(interface) else {
            return self.say(&rules::UNKNOWN_CALL, span, &format!("guichet.{interface}"));
        };
        if let Some(function) = function.filter(|name| !known.members.is_empty() && !known.members.contains(name)) {
            return self.say(&rules::UNKNOWN_CALL, span, &format!("guichet.{interface}.{function}"));
        }
        let Some(permission) = known.permission else { return };
        let is_new = self.used.permissions.insert(permission);
        let Some(manifest) = &self.app.manifest else { return };
        if is_new && !manifest.req_permissions.iter().any(|one| one.permission.name.as_str() == permission) {
            self.say(&rules::UNDECLARED_PERMISSION, span, permission);
        }
    }

    fn called(&mut self, it: &CallExpression<'_>) {
        let argument = |at: usize| it.arguments.get(at).and_then(Argument::as_expression);
        let text = |at: usize| argument(at).and_then(text_of);
        if let Some(name) = self.global(&it.callee) {
            match (name, argument(0), text(0)) {
                ("eval", ..) => self.say(&rules::EVAL, it.callee.span(), "eval()"),
                ("setTimeout" | "setInterval", _, Some(_)) => {
                    let name = format!("{name}(\"…\")");
                    self.say(&rules::EVAL, it.callee.span(), &name);
                }
                ("fetch", Some(first), _) => match url_of(first) {
                    Some(url) if url.starts_with(['.', '/']) => drop(self.own_files.insert(it.callee.span().start)),
                    Some(url) => self.request(url, first.span()),
                    None => {}
                },
                ("importScripts", Some(first), Some(url)) if is_remote(url) => {
                    self.say(&rules::REMOTE_MODULE, first.span(), url);
                }
                _ => {}
            }
        }
        let Expression::StaticMemberExpression(callee) = &it.callee else { return };
        match (callee.property.name.as_str(), argument(1), argument(1).and_then(url_of)) {
            // XMLHttpRequest
            ("open", Some(second), Some(url)) => self.request(url, second.span()),
            ("sendBeacon", ..) => self.say(&rules::CHANNEL, it.callee.span(), "sendBeacon"),
            ("pushState", ..) => self.router.push = self.router.push.or(Some(it.callee.span())),
            ("includes", ..) if text(0) == Some("#") => self.router.has_hash = true,
            _ => {}
        }
        let Expression::StaticMemberExpression(inner) = &callee.object else { return };
        if self.global(&inner.object) == Some("guichet") && inner.property.name == "telemetry" {
            self.counted(argument(0), argument(1));
        }
        let is_navigation = self.global(&inner.object) == Some("guichet") && inner.property.name == "navigation";
        if let (true, Some(Expression::StringLiteral(literal))) = (is_navigation, argument(0)) {
            let route = literal.value.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
            if !self.app.is_page(route.trim_end_matches(".html")) {
                self.say(&rules::UNKNOWN_PAGE, literal.span, route);
            }
        }
    }

    /// An event that is counted, where its name and its value stand in the script.
    fn counted(&mut self, name: Option<&Expression<'_>>, value: Option<&Expression<'_>>) {
        let Some(Expression::StringLiteral(literal)) = name else { return };
        let event = match value {
            None | Some(Expression::NullLiteral(_)) => literal.value.to_string(),
            Some(Expression::StringLiteral(value)) => format!("{}:{}", literal.value, value.value),
            Some(_) => return,
        };
        let Some(manifest) = &self.app.manifest else { return };
        let asked = manifest.req_permissions.iter().map(|request| &request.permission);
        let asked: Vec<_> = asked.filter(|permission| permission.name.as_str() == TELEMETRY).collect();
        let is_declared = |event: Event| {
            let needed = telemetry::declaring(&event);
            asked.iter().any(|permission| permission.covers(&needed))
        };
        // Without the permission, that is what is said.
        if !asked.is_empty() && !event.parse().is_ok_and(is_declared) {
            self.say(&rules::UNDECLARED_EVENT, literal.span, &event);
        }
    }

    fn word(&mut self, text: &str) {
        self.router.is_router |= text == "router-link-active";
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.called(it);
        walk::walk_call_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        match self.global(&it.callee) {
            Some("Function") => {
                let first = it.arguments.first().and_then(Argument::as_expression).and_then(text_of);
                let rule = if first == Some("Vue") { &rules::TEMPLATE } else { &rules::EVAL };
                self.say(rule, it.span, "new Function()");
            }
            Some("XMLHttpRequest") => {
                self.used.permissions.insert(NETWORK);
            }
            Some(name @ ("WebSocket" | "EventSource" | "RTCPeerConnection" | "WebTransport")) => {
                let name = name.to_owned();
                self.say(&rules::CHANNEL, it.span, &name);
            }
            Some("Notification") => self.say(&rules::UNSUPPORTED, it.span, "Notification"),
            _ => {}
        }
        walk::walk_new_expression(self, it);
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        let property = it.property.name.as_str();
        if let Expression::StaticMemberExpression(inner) = &it.object
            && self.global(&inner.object) == Some("guichet")
        {
            return self.host(inner.property.name.as_str(), Some(property), it.span);
        }
        match (self.global(&it.object).unwrap_or_default(), property) {
            ("guichet", interface) => return self.host(interface, None, it.span),
            (_, "serviceWorker") => self.say(&rules::SERVICE_WORKER, it.span, ""),
            (object, "localStorage" | "indexedDB") if GLOBALS.contains(&object) => {
                self.say(&rules::NOT_KEPT, it.span, property);
            }
            ("document", "cookie") if !self.is_logic => self.say(&rules::COOKIES, it.span, ""),
            (object, member) if UNSUPPORTED.contains(&(object, member)) && !self.is_logic => {
                let name = format!("{object}.{member}");
                self.say(&rules::UNSUPPORTED, it.span, &name);
            }
            _ => {}
        }
        walk::walk_static_member_expression(self, it);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let name = it.name.as_str();
        if self.own.contains(name) {
            return;
        }
        match name {
            "document" | "window" | "localStorage" | "sessionStorage" if self.is_logic => {
                self.say(&rules::NO_PAGE, it.span, name)
            }
            "localStorage" | "indexedDB" => self.say(&rules::NOT_KEPT, it.span, name),
            "guichet" => self.used.is_handed_on = true,
            "fetch" if !self.own_files.contains(&it.span.start) => {
                self.used.permissions.insert(NETWORK);
            }
            _ => {}
        }
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        let is_global = it.init.as_ref().is_some_and(|init| self.global(init) == Some("guichet"));
        let BindingPattern::ObjectPattern(pattern) = &it.id else { return walk::walk_variable_declarator(self, it) };
        if !is_global {
            return walk::walk_variable_declarator(self, it);
        }
        self.used.is_handed_on |= pattern.rest.is_some();
        for property in &pattern.properties {
            match &property.key {
                PropertyKey::StaticIdentifier(name) => self.host(name.name.as_str(), None, property.span),
                _ => self.used.is_handed_on = true,
            }
        }
    }

    fn visit_string_literal(&mut self, it: &StringLiteral<'a>) {
        self.word(it.value.as_str());
    }

    fn visit_template_element(&mut self, it: &TemplateElement<'a>) {
        self.word(it.value.raw.as_str());
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        // What is put together while the script runs is not known.
        let is_whole = !matches!(&it.source, Expression::TemplateLiteral(template) if !template.expressions.is_empty());
        if let Some(source) = text_of(&it.source).filter(|source| is_whole || is_remote(source)) {
            self.import(source, it.source.span());
        }
        walk::walk_import_expression(self, it);
    }

    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        self.import(it.source.value.as_str(), it.source.span);
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        self.import(it.source.value.as_str(), it.source.span);
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.import(it.source.value.as_str(), it.source.span);
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        let key = match &it.key {
            PropertyKey::StaticIdentifier(name) => name.name.as_str(),
            _ => "",
        };
        match key {
            "template" if text_of(&it.value).is_some_and(|text| text.trim_start().starts_with('<')) => {
                self.say(&rules::TEMPLATE, it.span, "");
            }
            // axios
            "baseURL" => {
                if let Some(url) = url_of(&it.value) {
                    self.request(url, it.value.span());
                }
            }
            _ => {}
        }
        walk::walk_object_property(self, it);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_never_found_less_than_it_is() {
        for (text, least, most) in [
            ("((((a))))", 4, 9),
            ("!!!!a", 4, 5),
            ("a=>b=>c", 2, 9),
            ("if(a)b;else if(a)b;else b", 2, 12),
            ("a,b,c,d,e;f;g", 0, 1),
            ("f([1,2,3,4,5,6,7,8,9])", 2, 5),
            (")]}", 0, 3),
        ] {
            let depth = depth(text);
            assert!((least..=most).contains(&depth), "{text}: {depth}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_said_and_what_is_nested_deep_is_read() {
        for part in ["!", "(", "[", "{", "a=>", "if(a)", "a?b:", "if(a)b;else ", "a+", "a."] {
            for (count, class) in [(2 * DEEPEST, "check/too-deep"), (DEEPEST / 5, "")] {
                let files = [("pages/a.js".parse().unwrap(), (part.repeat(count) + "a").into_bytes())].into();
                let found = super::super::sources(&files, super::super::Origin::Folder);
                let has = found.iter().any(|found| found.class == "check/too-deep");
                assert_eq!(has, class == "check/too-deep", "{part} {count}");
            }
        }
    }
}
