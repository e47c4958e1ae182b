//! What machines do without a package that is lost.

use guichet_api::SubmissionState::InReview;
use guichet_store::{checks::Checks, clock::Clock};

use super::{
    APP, Looking, PROGRAM, TAX, found,
    icons::{CARD_GREEN, CLOCK},
    until,
};
use crate::{
    console::{page, sign_in},
    house::{House, publisher, reviewers, tax_publisher},
    packages::App,
};

impl House {
    /// Why checks wait, once each that has not ended was tried in vain.
    async fn why_they_wait(&self, id: &str) -> Vec<String> {
        let waiting = async || {
            let all = self.checks(id).await;
            let stuck: Option<Vec<_>> =
                all.iter().filter(|check| !check.state.is_ended()).map(|it| it.why.clone()).collect();
            stuck.map(|stuck| stuck.into_iter().map(|why| why.en).collect::<Vec<_>>())
        };
        until(waiting).await
    }
}

/// Machines go on with what others hand in, compare with what is there, and say of which package they wait for.
#[tokio::test]
async fn a_lost_package_holds_up_nobody_else() {
    let house = House::open_at(Clock::System).await;
    let house = house.checking_with(Checks::new(PROGRAM, Vec::new()).gates_only()).await;
    let (developer, tax) = (house.caller(&house.tokens.developer), house.caller(&house.tokens.tax_developer));
    let looking = Looking::at(&house.store);
    let out = App { drawing: CARD_GREEN, ..App::new(APP) }.sealed(&publisher());
    let released = developer.submit(&out).await.unwrap().id;
    assert_eq!(house.looked_at(&released).await, InReview);
    house.caller(&house.tokens.first).approve(&released, &reviewers()[0]).await.unwrap();
    looking.stop().await;

    let lost = App::new(APP).version(2).sealed(&publisher());
    let id = developer.submit(&lost).await.unwrap().id;
    for package in [&out, &lost] {
        std::fs::remove_file(house.store.folder.package_path(package.digest())).unwrap();
    }
    let words = [["Tax card", "Your tax number"], ["税卡", "您的税号"]];
    let theirs = App { words, drawing: CLOCK, ..App::new(TAX) }.sealed(&tax_publisher());
    let theirs = tax.submit(&theirs).await.unwrap().id;
    let looking = Looking::at(&house.store);
    assert_eq!(house.looked_at(&theirs).await, InReview, "neither in the queue nor among the icons");
    insta::assert_snapshot!(found(&house.all_ended(&theirs).await).join("\n"), @"Warning icons/others-not-compared  nothing was compared with the icons of these apps, which the place where packages are kept has lost: gov.example.residence.permit, residence");
    let reviewer = sign_in(&house, &house.tokens.tax_reviewer).await;
    for (language, said) in [("en", "the place where packages are kept has lost"), ("zh", "没有与这些应用的图标比较")]
    {
        let shown = page(&house, &format!("/submissions/{theirs}"), &reviewer, language).await.text();
        assert!(shown.contains(said) && shown.contains(&format!("{APP}, residence")), "{shown}");
    }
    let why = house.why_they_wait(&id).await;
    assert!(why.len() == 6 && why.iter().all(|why| why.starts_with("the package cannot be looked at")), "{why:?}");
    looking.stop().await;

    std::fs::write(house.store.folder.package_path(lost.digest()), lost.bytes()).unwrap();
    let looking = Looking::at(&house.store);
    until(async || {
        let why = house.why_they_wait(&id).await;
        matches!(&why[..], [size] if size.starts_with("the package of the release before")).then_some(())
    })
    .await;
    looking.stop().await;

    std::fs::write(house.store.folder.package_path(out.digest()), out.bytes()).unwrap();
    let looking = Looking::at(&house.store);
    assert_eq!(house.looked_at(&id).await, InReview);
    looking.stop().await;
}
