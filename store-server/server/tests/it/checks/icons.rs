//! An icon that people would take for another department's.

use axum::http::{Method, StatusCode};
use guichet_api::{SubmissionState::InReview, paths};
use guichet_store::{clock::Clock, database::looks};

use super::{APP, Looking, TAX, found};
use crate::{
    console::{page, sign_in},
    house::{House, publisher, reviewers, tax_publisher},
    packages::App,
};

/// An identity card, and the same by somebody who wants to be taken for its department.
const CARD: [&str; 2] = [CARD_GREEN, CARD_ON_A_TILE];
pub(super) const CARD_GREEN: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0d6656" stroke-width="1.75"><rect x="2.5" y="5" width="19" height="14" rx="2"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5 16c.6-1.7 1.9-2.3 3.5-2.3s2.9.6 3.5 2.3M14.5 10h4M14.5 14h4"/></svg>"##;
const CARD_ON_A_TILE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#883322"/><g fill="none" stroke="#fff" stroke-width="1.75" transform="translate(4 4) scale(.66)"><rect x="2.5" y="5" width="19" height="14" rx="2"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5 16c.6-1.7 1.9-2.3 3.5-2.3s2.9.6 3.5 2.3M14.5 10h4M14.5 14h4"/></g></svg>"##;
pub(super) const CLOCK: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="1.75"><circle cx="12" cy="12" r="9"/><path d="M12 7v5.500l3.500 2"/></svg>"##;

#[tokio::test]
async fn an_icon_that_looks_like_another_departments_is_shown_beside_it() {
    let house = House::open_at(Clock::System).await.checking().await;
    let (developer, tax) = (house.caller(&house.tokens.developer), house.caller(&house.tokens.tax_developer));
    let looking = Looking::at(&house.store);
    let theirs = developer.submit(&App { drawing: CARD[0], ..App::new(APP) }.sealed(&publisher())).await.unwrap();
    assert_eq!(house.looked_at(&theirs.id).await, InReview);
    house.all_ended(&theirs.id).await;
    assert!(found(&house.checks(&theirs.id).await).is_empty());
    house.caller(&house.tokens.first).approve(&theirs.id, &reviewers()[0]).await.unwrap();

    let words = [["Tax card", "Your tax number"], ["税卡", "您的税号"]];
    let ours = tax.submit(&App { drawing: CARD[1], words, ..App::new(TAX) }.sealed(&tax_publisher())).await.unwrap();
    assert_eq!(house.looked_at(&ours.id).await, InReview, "people decide, who see both");
    let checks = house.all_ended(&ours.id).await;
    insta::assert_snapshot!(found(&checks).join("\n"), @"Warning icons/look-alike common/icon.svg its icon looks like that of another department's app: gov.example.residence.permit, residence");
    let like = checks.iter().flat_map(|check| &check.findings).find_map(|found| found.like.clone()).unwrap();
    assert_eq!((like.app_id.as_str(), like.department.as_str()), (APP, "residence"));
    assert!(like.apart <= 5, "{}", like.apart);

    let reviewer = sign_in(&house, &house.tokens.tax_reviewer).await;
    let at = format!("/submissions/{}", ours.id);
    let own = format!("{at}/icon?path=common%2Ficon%2Esvg");
    let theirs_at = format!("{at}/icons/{APP}");
    for (language, texts) in [("en", ["This app", "The other", "% apart"]), ("zh", ["这个应用", "对方", "差异"])]
    {
        let shown = page(&house, &at, &reviewer, language).await.text();
        for text in texts.into_iter().chain([own.as_str(), theirs_at.as_str()]) {
            assert!(shown.contains(text), "{text} in {shown}");
        }
    }
    let icon = page(&house, &own, &reviewer, "en").await;
    assert_eq!((icon.header("content-type"), icon.text().as_str()), ("image/svg+xml", CARD[1]));
    let other = page(&house, &format!("{at}/icon?path=app.js"), &reviewer, "en").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "an icon and nothing else");
    let stranger = sign_in(&house, &house.tokens.developer).await;
    assert_eq!(page(&house, &own, &stranger, "en").await.status, StatusCode::FORBIDDEN);

    // Whoever compares the two sees the other one, on the shelf or not; nobody else does.
    let operator = house.caller(&house.tokens.operator);
    let off = paths::DELISTING.replace("{app}", APP);
    let answer = operator.call(Method::POST, &off, "application/json", r#"{"reason":"moved"}"#).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(house.anonymous().get(&paths::SERVICE_ICON.replace("{app}", APP)).await.status, StatusCode::GONE);
    let icon = page(&house, &theirs_at, &reviewer, "en").await;
    assert_eq!((icon.header("content-type"), icon.text().as_str()), ("image/svg+xml", CARD[0]));
    assert_eq!(page(&house, &theirs_at, &stranger, "en").await.status, StatusCode::FORBIDDEN);
    assert_ne!(page(&house, &theirs_at, "", "en").await.status, StatusCode::OK);
    let of_another = page(&house, &format!("{at}/icons/{TAX}"), &reviewer, "en").await;
    assert_eq!(of_another.status, StatusCode::NOT_FOUND, "only what was found to be like it");

    let known = looks::all(&mut house.store.database.read().await.unwrap()).await.unwrap();
    assert_eq!(known.len(), 1, "it was looked at once and is kept");
    for (code, drawing, expected) in [(2, CARD[1], 1), (3, CLOCK, 0)] {
        let app = App { drawing, words, ..App::new(TAX) }.version(code);
        let next = tax.submit(&app.sealed(&tax_publisher())).await.unwrap();
        house.looked_at(&next.id).await;
        assert_eq!(found(&house.all_ended(&next.id).await).len(), expected, "{code}");
    }
    looking.stop().await;
}
