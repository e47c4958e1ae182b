//! The console as a browser without script meets it.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::{
    house::{Answer, House, publisher, reviewers, send},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";

pub(crate) async fn post(house: &House, path: &str, cookie: &str, body: String, extra: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "store.example")
        .header(header::COOKIE, cookie);
    for (name, value) in extra {
        request = request.header(*name, *value);
    }
    send(&house.router, request.body(Body::from(body)).unwrap()).await
}

pub(crate) async fn page(house: &House, path: &str, cookie: &str, language: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT_LANGUAGE, language);
    send(&house.router, request.body(Body::empty()).unwrap()).await
}

pub(crate) async fn sign_in(house: &House, token: &str) -> String {
    let answer = post(house, "/sign-in", "", format!("token={token}"), &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

/// The page of a submission as somebody with this token sees it, in English.
pub(crate) async fn page_of(house: &House, token: &str, id: &str) -> String {
    let cookie = sign_in(house, token).await;
    page(house, &format!("/submissions/{id}"), &cookie, "en").await.text()
}

#[tokio::test]
async fn a_reviewer_sees_permissions_first_and_the_command_to_copy() {
    let house = House::open().await;
    let package = App::new(APP).asking(&["host:storage"]).sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    let cookie = sign_in(&house, &house.tokens.first).await;

    let queue = page(&house, "/", &cookie, "en").await.text();
    for text in ["Review queue", "Residence permit", "1.0.0 · Residence Office", "host:storage", "First release", "0/2"]
    {
        assert!(queue.contains(text), "{text} in {queue}");
    }
    let answer = page(&house, &format!("/submissions/{id}"), &cookie, "en").await;
    let text = answer.text();
    assert!(text.contains("so that host:storage &#60;works&#62;"), "the reason, escaped: {text}");
    let command = format!(
        "GUICHET_STORE_URL=http://store.example guichet review approve {id} --key reviewer.key --trust guichet.trust.json"
    );
    assert!(text.contains(&command), "{text}");
    let place = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    assert!(place("What it may do") < place("Files"));
    assert!(!text.contains("<script>") && !text.contains("style=\""), "scripts and styles have files of their own");

    house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
    let text = page(&house, &format!("/submissions/{id}"), &cookie, "en").await.text();
    assert!(text.contains("You have signed. It needs another reviewer."));
    assert!(text.contains("1 of 2 reviewers") && text.contains("In review"));
}

#[tokio::test]
async fn every_page_speaks_both_languages() {
    let house = House::open().await;
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    let cookie = sign_in(&house, &house.tokens.first).await;
    for (path, english, chinese) in [
        ("/sign-in".to_owned(), "Sign in to the console", "进入控制台"),
        ("/".to_owned(), "Review queue", "审核队列"),
        (format!("/submissions/{id}"), "What it may do", "它可以做什么"),
        ("/submissions/none".to_owned(), "What to do", "怎么办"),
    ] {
        let answer = page(&house, &path, &cookie, "en-GB").await.text();
        assert!(answer.contains(english) && answer.contains("<html lang=\"en\""), "{path}");
        let answer = page(&house, &path, &cookie, "zh-CN,en;q=0.5").await.text();
        assert!(answer.contains(chinese) && answer.contains("<html lang=\"zh-Hans\""), "{path}");
    }
    let none = page(&house, "/submissions/none", &cookie, "zh").await.text();
    for said in [
        "<b lang=\"zh-Hans\">没有这份提交</b><p lang=\"zh-Hans\">怎么办: 从审核队列里找</p>",
        "详情: <span lang=\"en\">there is no submission `none`</span>",
    ] {
        assert!(none.contains(said), "{said} in {none}");
    }
    let chosen = page(&house, "/?lang=zh", &cookie, "en").await;
    assert!(chosen.text().contains("审核队列") && chosen.text().contains("居住证中心"));
    assert!(chosen.header("set-cookie").starts_with("guichet_lang=zh;"));
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in_or_after_signing_out() {
    let house = House::open().await;
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    let submission = format!("/submissions/{id}");
    for cookie in ["", "guichet_session=gst_guess"] {
        for path in ["/", submission.as_str()] {
            let answer = page(&house, path, cookie, "en").await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/sign-in"), "{path}");
        }
    }
    let wrong = post(&house, "/sign-in", "", "token=gst_wrong".to_owned(), &[]).await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (StatusCode::UNAUTHORIZED, ""));
    assert!(wrong.text().contains("known here"));

    let cookie = sign_in(&house, &house.tokens.first).await;
    assert_eq!(page(&house, "/", &cookie, "en").await.status, StatusCode::OK);
    let out = post(&house, "/sign-out", &cookie, String::new(), &[]).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(page(&house, "/", &cookie, "en").await.status, StatusCode::SEE_OTHER);

    let cookie = sign_in(&house, &house.tokens.first).await;
    house.store.clock.advance(12 * 60 * 60 * 1000);
    assert_eq!(page(&house, "/", &cookie, "en").await.status, StatusCode::SEE_OTHER, "after a working day");
}

#[tokio::test]
async fn a_reviewer_of_another_department_sees_an_empty_queue_and_no_submission() {
    let house = House::open().await;
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    let cookie = sign_in(&house, &house.tokens.tax_reviewer).await;
    let queue = page(&house, "/", &cookie, "en").await.text();
    assert!(queue.contains("All done. Nobody is waiting for you.") && !queue.contains(&id));
    let answer = page(&house, &format!("/submissions/{id}"), &cookie, "en").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("access/department"));
}

#[tokio::test]
async fn a_refusal_is_a_form_of_our_own_and_of_nobody_elses() {
    let house = House::open().await;
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    let cookie = sign_in(&house, &house.tokens.first).await;
    let path = format!("/submissions/{id}/refusal");
    let reason = "text=Name+the+host%3Cb%3E".to_owned();
    let foreign = post(&house, &path, &cookie, reason.clone(), &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let own = post(&house, &path, &cookie, reason, &[("origin", "http://store.example")]).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
    let text = page(&house, &format!("/submissions/{id}"), &cookie, "en").await.text();
    assert!(text.contains("Name the host&#60;b&#62;") && text.contains("Changes requested"));
}

#[tokio::test]
async fn the_submitter_is_told_that_somebody_else_must_review() {
    let house = House::open().await;
    let package = App::new(APP).sealed(&publisher());
    let id = house.caller(&house.tokens.first).submit(&package).await.unwrap().id;
    let cookie = sign_in(&house, &house.tokens.first).await;
    let text = page(&house, &format!("/submissions/{id}"), &cookie, "en").await.text();
    assert!(text.contains("You submitted this, so someone else must review it."));
    assert!(!text.contains("guichet review approve"));
}

#[tokio::test]
async fn every_answer_is_locked_down() {
    let house = House::open().await;
    for path in ["/", "/sign-in", "/nothing", "/api/v1/health", "/api/v1/me", "/static/metadata/timestamp.json"] {
        let answer = house.get(path).await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    }
    let sign_in = house.get("/sign-in").await.text();
    let sheet = sign_in.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let answer = house.get(&format!("/assets/{sheet}")).await;
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
}
