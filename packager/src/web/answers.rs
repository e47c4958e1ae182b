//! What a build does not say of itself, asked once and kept as the app's manifest.

use guichet_contract::{AppId, network::Domain};
use serde_json::{Value as Json, json};

use super::{ICON, WebBuild};
use guichet_package::html::tags;

/// What there is to know of an app that another tool has built.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) app_id: AppId,
    pub(crate) name: String,
    /// `X.Y.Z`.
    pub(crate) version: String,
    /// A picture of the build; none: a picture of ours.
    pub(crate) icon: Option<String>,
    /// The hosts it may reach.
    pub(crate) domains: Vec<Domain>,
}

impl Answers {
    /// The text of the manifest, as a person would write it.
    pub(crate) fn manifest(&self, built: &WebBuild) -> String {
        let lang = built.routes().first().and_then(|route| lang(built.page(route)?)).unwrap_or_else(|| "en".to_owned());
        let icon = self.icon.clone().or_else(|| built.icon()).unwrap_or_else(|| ICON.0.to_owned());
        let mut members = vec![
            ("app_id", json!(self.app_id)),
            ("name", json!(self.name)),
            ("icons", json!([{ "src": icon }])),
            ("lang", json!(lang)),
            ("version", json!({ "code": 1, "name": self.version })),
            ("platform_version", json!({ "min_code": 1 })),
            ("pages", json!(built.routes())),
        ];
        if !self.domains.is_empty() {
            let domains: Vec<String> = self.domains.iter().map(ToString::to_string).collect();
            let reason = match lang.starts_with("zh") {
                true => format!("向 {} 查询和提交。", domains.join("、")),
                false => format!("Asks {} and sends to it what you enter.", domains.join(", ")),
            };
            let scope = json!({ "domains": domains });
            members.push(("req_permissions", json!([{ "name": "host:network", "reason": reason, "scope": scope }])));
        }
        let line = |(name, value): &(&str, Json)| format!("  {}: {}", json!(name), spaced(value));
        format!("{{\n{}\n}}\n", members.iter().map(line).collect::<Vec<_>>().join(",\n"))
    }
}

/// JSON in one line, with a space where a person would leave one.
fn spaced(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Json::Object(members) => {
            let member = |(name, value): (&String, &Json)| format!("{}: {}", json!(name), spaced(value));
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

/// The language a page says it is in.
fn lang(html: &str) -> Option<String> {
    tags(html).find(|tag| tag.name() == "html")?.attribute("lang").filter(|lang| !lang.is_empty())
}

/// The title of the first page.
pub(crate) fn suggested_name(built: &WebBuild) -> Option<String> {
    let html = built.page(built.routes().first()?)?;
    let title = tags(html).find(|tag| tag.name() == "title")?;
    let text = html.get(title.range.end..)?.split('<').next()?.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text.replace("&amp;", "&")).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_made_of_the_answers() {
        let files = [("index.html", "<html lang=\"zh-Hans\"><title> 街面\n报修 </title>"), ("favicon.svg", "")];
        let files = files.iter().map(|(path, text)| (path.parse().unwrap(), text.as_bytes().to_vec())).collect();
        let built = WebBuild { files, links: Vec::new() };
        let answers = Answers {
            app_id: "gov.example.repairs".parse().unwrap(),
            name: suggested_name(&built).unwrap(),
            version: "2.1.0".to_owned(),
            icon: None,
            domains: vec!["data.example.gov".parse().unwrap()],
        };
        insta::assert_snapshot!(answers.manifest(&built), @r#"
        {
          "app_id": "gov.example.repairs",
          "name": "街面 报修",
          "icons": [{ "src": "favicon.svg" }],
          "lang": "zh-Hans",
          "version": { "code": 1, "name": "2.1.0" },
          "platform_version": { "min_code": 1 },
          "pages": ["index"],
          "req_permissions": [{ "name": "host:network", "reason": "向 data.example.gov 查询和提交。", "scope": { "domains": ["data.example.gov"] } }]
        }
        "#);
    }
}
