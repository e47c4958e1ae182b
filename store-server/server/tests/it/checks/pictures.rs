//! What is seen of a submission's pages, and by whom.

use std::path::Path;

use axum::http::StatusCode;
use guichet_api::{CheckFinding, CheckName, CheckState, CheckWeight, PagePictureList, Said, paths};
use guichet_store::database::{
    commit,
    jobs::{self, Outcome},
    submissions as records,
};

use super::APP;
use crate::{
    console::{page, sign_in},
    house::{House, publisher, reviewers},
    packages::App,
};

/// What machines would have found and seen of a submission and of the release before it, for whoever looks at the page.
pub(crate) async fn laid_down(house: &House, id: &str) {
    let said = |en: &str, zh: &str| Said { en: en.to_owned(), zh: zh.to_owned() };
    let finding = |class: &str, weight, line: Option<u32>, what, hint| {
        let path = line.map(|_| "pages/home.html".to_owned());
        vec![CheckFinding { class: class.to_owned(), weight, path, line, like: None, what, hint }]
    };
    let secret = finding(
        "check/secret",
        CheckWeight::Grave,
        Some(12),
        said(
            "this looks like AWS key, and everybody who gets the package can read it",
            "这看起来是AWS key，拿到这个包的人都能读到",
        ),
        said("take it out and replace it where it is in force", "去掉它，并在生效的地方换掉"),
    );
    let undeclared = finding(
        "check/undeclared-permission",
        CheckWeight::Warning,
        Some(3),
        said(
            "the app calls this and does not ask for `host:scan`, so every call is denied",
            "应用调用了它，却没有申请 `host:scan`，每次调用都会被拒绝",
        ),
        said("ask for it in req_permissions, or leave the call out", "在 req_permissions 里申请，或去掉这个调用"),
    );
    let mixed = finding(
        "names/mixed-scripts",
        CheckWeight::Note,
        None,
        said("the name mixes letters of scripts that look alike: Rеsidence", "名称混用了外形相近的不同文字：Rеsidence"),
        said(
            "write it in one script; Latin letters beside Chinese are fine",
            "用同一种文字写；中文里夹拉丁字母没有问题",
        ),
    );
    let late = said("it took longer than 120 s", "检查进程出错：it took longer than 120 s");
    let missing = said(
        "the program `guichet` is not installed beside the store; install it and look again",
        "商店旁边没有安装程序 `guichet`；安装后再检查一次",
    );
    let now_ms = house.store.clock.now_ms();
    let mut change = house.store.database.change().await.unwrap();
    for name in CheckName::ALL {
        jobs::queue(&mut change, id, name, false, now_ms).await.unwrap();
        let job = jobs::of(&mut change, id).await.unwrap().into_iter().find(|job| job.name == name).unwrap();
        jobs::lease(&mut change, &job, "lease", now_ms + 1000, now_ms).await.unwrap();
        let done = |findings: &Vec<CheckFinding>| (CheckState::Done, None, findings.clone());
        let (state, why, findings) = match name {
            CheckName::Secrets => done(&secret),
            CheckName::Uses => done(&undeclared),
            CheckName::Names => done(&mixed),
            CheckName::Size => (CheckState::Failed, Some(late.clone()), Vec::new()),
            CheckName::Desk => (CheckState::Skipped, Some(missing.clone()), Vec::new()),
            _ => done(&Vec::new()),
        };
        let outcome = Outcome { why, findings };
        assert!(jobs::end(&mut change, &job, "lease", state, &outcome, now_ms + 1200).await.unwrap());
    }
    let record = records::get(&mut change, id).await.unwrap().unwrap();
    let before = records::last_released_before(&mut change, &record).await.unwrap().unwrap();
    commit(change).await.unwrap();
    let [now, then] = [record.package, before.package].map(|package| house.store.folder.pictures(package));
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    for (place, file) in [
        (now.join("light/phone/pages-home en.png"), SEEN[0]),
        (then.join("light/phone/pages-home en.png"), SEEN[1]),
        (now.join("light/desktop/pages-home en.png"), SEEN[1]),
        (then.join("light/desktop/pages-home en.png"), SEEN[1]),
        (now.join("dark/desktop/pages-home zh-Hans.png"), SEEN[0]),
    ] {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(pictures.join(file), place).unwrap();
    }
}

/// Two pictures, whatever they show.
const SEEN: [&str; 2] = ["console/sign-in-phone.png", "console/problem-phone.png"];

#[tokio::test]
async fn pictures_are_shown_to_those_who_see_the_submission_and_compared_with_the_release_before() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let one = developer.submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    house.caller(&house.tokens.first).approve(&one.id, &reviewers()[0]).await.unwrap();
    let two = developer.submit(&App { text: "new", ..App::new(APP).version(2) }.sealed(&publisher())).await.unwrap();
    laid_down(&house, &two.id).await;
    let list = developer.get(&paths::of(paths::PICTURES, &two.id)).await;
    let list: PagePictureList = serde_json::from_slice(&list.body).unwrap();
    let shown: Vec<_> = list.items.iter().map(|it| format!("{} {} {}", it.name, it.before, it.changed)).collect();
    assert_eq!(
        shown,
        [
            "light.desktop.en.pages-home true false",
            "light.phone.en.pages-home true true",
            "dark.desktop.zh-Hans.pages-home false false",
        ]
    );
    let at = |name: &str, more: &str| paths::of(paths::PICTURE, &two.id).replace("{name}", name) + more;
    let now = developer.get(&at("light.phone.en.pages-home", "")).await;
    let before = developer.get(&at("light.phone.en.pages-home", "?before=true")).await;
    assert_eq!((now.header("content-type"), now.status), ("image/png", StatusCode::OK));
    assert!(now.body.starts_with(b"\x89PNG") && before.body.starts_with(b"\x89PNG") && now.body != before.body);
    for (name, more, status) in [
        ("light.phone.en.pages-away", "", 404),
        ("light.phone.en...%2F..%2Fstore.json", "", 404),
        ("dark.desktop.zh-Hans.pages-home", "?before=true", 404),
        ("light.phone.en.pages-home", "?before=perhaps", 400),
    ] {
        assert_eq!(developer.get(&at(name, more)).await.status.as_u16(), status, "{name}");
    }
    let other = house.caller(&house.tokens.tax_developer).get(&at("light.phone.en.pages-home", "")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let cookie = sign_in(&house, &house.tokens.first).await;
    let shown = page(&house, &format!("/submissions/{}", two.id), &cookie, "en").await.text();
    assert!(shown.contains("Pages on every terminal") && shown.contains("1 changed of 3"), "{shown}");
    let png =
        page(&house, &format!("/submissions/{}/pictures/light%2Ephone%2Een%2Epages%2Dhome", two.id), &cookie, "en")
            .await;
    assert_eq!(png.body, now.body);
}
