//! MiniApp Addressing: the grammar, and what an address means here.

use guichet_contract::AppId;
use guichet_package::{
    TrustFile,
    address::{Address, AddressRefusal, MAX_ADDRESS_BYTES, MiniAppUri, Prefix, UriFault},
};
use proptest::prelude::*;

fn uri(text: &str) -> MiniAppUri<'_> {
    MiniAppUri::parse(text).unwrap()
}

fn printed(text: &str) -> String {
    let refusal = Address::given(text).unwrap_err();
    format!("error[{}]: {}\n  hint: {}", refusal.class(), refusal.what(), refusal.hint())
}

#[test]
fn a1_the_examples_of_the_note_are_uris() {
    let plain = uri("platform://miniapp/foo");
    assert_eq!((plain.prefix, plain.id, plain.version), (Prefix::Scheme("platform"), "foo", None));
    assert_eq!((plain.path, plain.query, plain.fragment), ("", None, None));
    let query = uri("platform://miniapp/foo?category=img");
    assert_eq!((query.id, query.path, query.query), ("foo", "", Some("category=img")));
    let all = uri("platform://miniapp/foo;version=1.0.1-trial/pages/index?k=v#bar");
    assert_eq!((all.id, all.version, all.path), ("foo", Some("1.0.1-trial"), "/pages/index"));
    assert_eq!((all.query, all.fragment), (Some("k=v"), Some("bar")));
    let https = uri("https://platform.org/miniapp/foo/pages/index");
    assert_eq!((https.prefix, https.path), (Prefix::Https("platform.org"), "/pages/index"));
}

#[test]
fn a1_a2_a3_each_part_has_its_grammar() {
    let good = [
        "a+".replace('+', "-") + "://miniapp/x",
        "GUICHET://MiniApp/x;VERSION=/".to_owned(),
        "guichet://miniapp/a~b_c-d.e".to_owned(),
        "guichet://miniapp/x//a//".to_owned(),
        "guichet://miniapp/x/a:b@c!$&'()*+,;=%e8%AF%81?a/b?c:@#d/?e".to_owned(),
        "https://[2001:db8::1]/miniapp/x".to_owned(),
        "https://192.0.2.1/miniapp/x".to_owned(),
        "https://h%C3%A9/miniapp/x".to_owned(),
        "guichet://miniapp/x?".to_owned(),
        "guichet://miniapp/x#".to_owned(),
    ];
    for text in &good {
        assert!(MiniAppUri::parse(text).is_ok(), "{text}");
    }
    for (text, fault) in [
        ("", UriFault::Prefix),
        ("x", UriFault::Prefix),
        ("guichet:miniapp/x", UriFault::Prefix),
        ("guichet:/miniapp/x", UriFault::Prefix),
        ("guichet://other/x", UriFault::Prefix),
        ("guichet://miniapp", UriFault::Prefix),
        ("guichet://host/miniapp/x", UriFault::Prefix),
        ("1a://miniapp/x", UriFault::Prefix),
        ("a_b://miniapp/x", UriFault::Prefix),
        ("://miniapp/x", UriFault::Prefix),
        (" guichet://miniapp/x", UriFault::Prefix),
        ("https://miniapp/x", UriFault::Prefix),
        ("https://host/other/miniapp/x", UriFault::Prefix),
        ("http://host/miniapp/x", UriFault::Prefix),
        ("https:///miniapp/x", UriFault::Host),
        ("https://host:443/miniapp/x", UriFault::Host),
        ("https://me@host/miniapp/x", UriFault::Host),
        ("https://[::1/miniapp/x", UriFault::Host),
        ("https://hé/miniapp/x", UriFault::Host),
        ("guichet://miniapp/", UriFault::Id),
        ("guichet://miniapp//pages", UriFault::Id),
        ("guichet://miniapp/?a", UriFault::Id),
        ("guichet://miniapp/a%62", UriFault::Id),
        ("guichet://miniapp/a:b", UriFault::Id),
        ("guichet://miniapp/证", UriFault::Id),
        ("guichet://miniapp/x;v=1", UriFault::Version),
        ("guichet://miniapp/x;", UriFault::Version),
        ("guichet://miniapp/x;version", UriFault::Version),
        ("guichet://miniapp/x;version=1+2", UriFault::Version),
        ("guichet://miniapp/x;version=1;version=2", UriFault::Version),
        ("guichet://miniapp/x/证", UriFault::Path),
        ("guichet://miniapp/x/a b", UriFault::Path),
        ("guichet://miniapp/x/%", UriFault::Path),
        ("guichet://miniapp/x/%4", UriFault::Path),
        ("guichet://miniapp/x/%4g", UriFault::Path),
        ("guichet://miniapp/x/a\\b", UriFault::Path),
        ("guichet://miniapp/x?a=\"", UriFault::Query),
        ("guichet://miniapp/x?a=%zz", UriFault::Query),
        ("guichet://miniapp/x#a#b", UriFault::Fragment),
        ("guichet://miniapp/x#a\0", UriFault::Fragment),
    ] {
        assert_eq!(MiniAppUri::parse(text), Err(fault), "{text}");
    }
}

#[test]
fn a2_the_hosts_of_a_terminal_are_those_of_its_trust_file() {
    let hosts = |static_url: &str, api_url: &str| TrustFile::new(b"{}", static_url, api_url).unwrap().hosts();
    assert_eq!(hosts("https://Hall.example/static", "https://hall.example:8443/api"), ["hall.example"]);
    assert_eq!(hosts("http://127.0.0.1:8480/static", "https://me@[2001:db8::1]:1/"), ["127.0.0.1", "[2001:db8::1]"]);
    assert_eq!(hosts("file:///srv/static", ""), Vec::<String>::new());
}

fn check(text: &str, app_id: &str, version: Option<&str>, page: Option<&str>) {
    let address = Address::given(text).unwrap();
    assert_eq!(address.app_id.as_str(), app_id, "{text}");
    assert_eq!(address.version.as_deref(), version, "{text}");
    assert_eq!(address.page_query_and_fragment().as_deref(), page, "{text}");
}

#[test]
fn a4_a5_app_ids_and_addresses_name_a_page() {
    check("gov.example.permit", "gov.example.permit", None, None);
    check(" gov.example.permit\n", "gov.example.permit", None, None);
    check("guichet://miniapp/gov.example.permit", "gov.example.permit", None, None);
    check("guichet://miniapp/gov.example.permit/", "gov.example.permit", None, None);
    check("guichet://miniapp/gov.example.permit?case=1", "gov.example.permit", None, Some("?case=1"));
    check("guichet://miniapp/a.b/pages/new", "a.b", None, Some("pages/new"));
    check("guichet://miniapp/a.b;version=1.2/p/new.html?x=1&y=2#top", "a.b", Some("1.2"), Some("p/new?x=1&y=2#top"));
    check("https://hall.example/miniapp/a.b/pages/%E8%AF%81?q", "a.b", None, Some("pages/%E8%AF%81?q"));
    check("guichet://miniapp/a.b/x//y", "a.b", None, Some("x//y"));
}

/// Found by fuzzing: the ending of a page's file is no part of its name, and may not hide what the name is.
#[test]
fn a4_the_ending_of_a_page_hides_no_way_out() {
    for path in ["..html", "...html", "pages/..html", "%2e.html", ".%2E.html"] {
        let text = format!("guichet://miniapp/a.b/{path}");
        assert!(matches!(text.parse::<Address>(), Err(AddressRefusal::LeavesApp { .. })), "{text}");
    }
    for (path, page) in [("x.html.html", "x.html"), ("x.html", "x"), ("....html", "...")] {
        let address: Address = format!("guichet://miniapp/a.b/{path}").parse().unwrap();
        assert_eq!(address.page.as_deref(), Some(page));
        assert_eq!(address.to_string().parse::<Address>().unwrap(), address, "{path}");
    }
}

#[test]
fn a6_a9_id_and_version_have_no_case_and_an_empty_version_is_none() {
    let upper: Address = "GUICHET://MINIAPP/GOV.Example.Permit;Version=1.0.1-TRIAL/pages/New".parse().unwrap();
    let lower: Address = "guichet://miniapp/gov.example.permit;version=1.0.1-trial/pages/New".parse().unwrap();
    assert_eq!(upper, lower);
    assert_eq!(upper.page.as_deref(), Some("pages/New"), "a page has case");
    assert!(upper.asks_for("1.0.1-Trial") && !upper.asks_for("1.0.1"));
    let any: Address = "guichet://miniapp/a.b;version=/x".parse().unwrap();
    assert_eq!(any.version, None);
    assert!(any.asks_for("7"));
}

#[test]
fn a7_no_two_app_ids_differ_only_in_case() {
    for id in ["gov.example.Permit", "Gov.example.permit", "gov.EXAMPLE.permit", "gov.example.permiT"] {
        assert!(id.parse::<AppId>().is_err(), "{id}");
    }
}

#[test]
fn a2_an_https_address_opens_only_where_its_host_is_known() {
    let hosts = ["hall.example".to_owned()];
    let known = |text: &str| text.parse::<Address>().unwrap().is_known_to(&hosts);
    assert!(known("https://HALL.example/miniapp/a.b"));
    assert!(known("guichet://miniapp/a.b"));
    for other in ["https://hall.example.evil/miniapp/a.b", "https://example/miniapp/a.b", "https://hall/miniapp/a.b"] {
        assert!(!known(other), "{other}");
    }
}

#[test]
fn a10_what_opens_nothing_says_why() {
    insta::assert_snapshot!(printed("permit"), @r"
    error[address/not-an-address]: `permit` does not say which service to open: it is no app id and begins with no scheme and `miniapp/`
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("https://hall.example/other/a.b"), @r"
    error[address/not-an-address]: `https://hall.example/other/a.b` does not say which service to open: it is no app id and begins with no scheme and `miniapp/`
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("https://hall.example:8443/miniapp/a.b"), @r"
    error[address/not-an-address]: `https://hall.example:8443/miniapp/a.b` does not say which service to open: what follows `https://` is no host
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/证"), @r"
    error[address/not-an-address]: `guichet://miniapp/证` does not say which service to open: what follows `miniapp/` is no id
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/a.b;v=1/x"), @r"
    error[address/not-an-address]: `guichet://miniapp/a.b;v=1/x` does not say which service to open: only `;version=` and a version may follow the id
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/a.b/pages/证"), @r"
    error[address/not-an-address]: `guichet://miniapp/a.b/pages/证` does not say which service to open: the page has a character that an address cannot have
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/a.b?name=张"), @r"
    error[address/not-an-address]: `guichet://miniapp/a.b?name=张` does not say which service to open: the query has a character that an address cannot have
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/a.b#a#b"), @r"
    error[address/not-an-address]: `guichet://miniapp/a.b#a#b` does not say which service to open: the fragment has a character that an address cannot have
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(printed("platform://miniapp/a.b"), @r"
    error[address/foreign-scheme]: `platform://` is the scheme of another platform
      hint: addresses of this platform begin with guichet://miniapp/
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/permit/x"), @r"
    error[address/no-app-id]: `permit` can be the id of no app here
      hint: an app id has two or more labels of letters, digits and -, joined by dots
    ");
    insta::assert_snapshot!(printed("guichet://miniapp/a.b/../x"), @r"
    error[address/leaves-app]: the page `/../x` leads out of the app or is not text
      hint: name a page as the app's manifest does, such as pages/new
    ");
    insta::assert_snapshot!(printed(&format!("guichet://miniapp/a.b?{}", "x".repeat(4097))), @r"
    error[address/query-too-long]: the query has 4097 bytes, and 4096 is the most
      hint: carry a reference in the query, not the data itself
    ");
    insta::assert_snapshot!(printed(&"x".repeat(MAX_ADDRESS_BYTES + 1)), @r"
    error[address/too-long]: the address has 8193 bytes, and 8192 is the most
      hint: carry a reference in the query, not the data itself
    ");
    for page in ["../x", "a/%2e%2e/b", "a/%2E/b", "a%5Cb", "a%2Fb", "%00", "%ff", "a/..", "%3f", "%23"] {
        let refusal = format!("guichet://miniapp/a.b/{page}").parse::<Address>().unwrap_err();
        assert!(matches!(refusal, AddressRefusal::LeavesApp { .. }), "{page}: {refusal}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), tail in ".*") {
        let _ = Address::given(&text);
        let _ = Address::given(&format!("guichet://miniapp/{tail}"));
        let _ = Address::given(&format!("https://{tail}"));
    }

    #[test]
    fn an_address_is_written_in_one_way_and_read_back_the_same(
        https in any::<bool>(),
        id in "[a-z][a-z0-9-]{0,6}\\.[a-z][a-z0-9-]{0,6}",
        version in proptest::option::of("[0-9a-z.~_-]{1,9}"),
        page in proptest::option::of("[^./\\\\?#\0]{1,5}(/[^./\\\\?#\0]{1,5}){0,2}"),
        query in "[a-z0-9=&/?%]{0,6}",
        fragment in "[a-z0-9=&/?]{0,6}",
    ) {
        let host = https.then(|| "hall.example".to_owned());
        let address = Address { host, app_id: id.parse().unwrap(), version, page, query: query.replace('%', "%41"), fragment };
        prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
    }
}
