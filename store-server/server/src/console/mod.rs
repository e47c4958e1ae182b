//! The console: server-rendered pages, which need no script but for the passkey ceremonies; another makes some of them
//! more comfortable.

mod account;
mod acts;
mod assets;
mod audit;
mod catalogue;
mod catalogue_words;
mod changes;
mod chart;
mod check_words;
mod checks;
mod dress;
mod fleet;
mod fleet_words;
mod frame;
mod join;
mod look;
mod members;
mod organisation;
mod passkeys;
mod people_words;
mod pictures;
mod problem_words;
mod queue;
mod releases;
mod review_words;
mod rollout;
mod rollout_words;
mod sign_in;
mod submission;
mod trial;
mod words;

use std::sync::Arc;

use axum::{Router, middleware::from_fn, routing::MethodRouter};

use crate::store::Store;

/// One list makes the router and what tests walk along.
macro_rules! pages {
    ($($path:literal => $($method:ident $handler:path),+;)*) => {
        /// The console's pages.
        pub(crate) fn routes() -> Router<Arc<Store>> {
            Router::new()$(.route($path, MethodRouter::new()$(.$method($handler))+))*.layer(from_fn(dress::dressed))
        }

        /// Every page with its methods.
        pub(crate) const PAGES: &[(&str, &str)] = &[$($((stringify!($method), $path)),+),*];
    };
}

pages! {
    "/" => get queue::show;
    "/submissions/{id}" => get submission::show;
    "/queue/next" => post queue::claim_next;
    "/submissions/{id}/file" => get changes::file;
    "/submissions/{id}/now" => get acts::now;
    "/submissions/{id}/refusal" => post acts::refuse;
    "/submissions/{id}/messages" => post acts::say;
    "/submissions/{id}/claim" => post acts::claim;
    "/submissions/{id}/unclaim" => post acts::unclaim;
    "/submissions/{id}/quarantine" => post acts::quarantine;
    "/submissions/{id}/freeing" => post acts::free;
    "/submissions/{id}/checks" => post checks::again;
    "/submissions/{id}/icon" => get checks::icon;
    "/submissions/{id}/icons/{app}" => get checks::other_icon;
    "/submissions/{id}/pictures/{name}" => get pictures::show;
    "/submissions/{id}/withdrawal" => post acts::withdraw;
    "/submissions/{id}/handing-in" => post acts::hand_in;
    "/submissions/{id}/archiving" => post acts::archive;
    "/submissions/{id}/beginning" => post rollout::begin;
    "/submissions/{id}/trial" => post trial::set;
    "/trials/{id}" => get trial::show;
    "/trials/{id}/package" => get trial::package;
    "/releases" => get releases::show;
    "/releases/{app}/{channel}" => get rollout::show;
    "/releases/{app}/{channel}/rollout" => post rollout::let_out;
    "/releases/{app}/{channel}/halt" => post rollout::halt;
    "/releases/{app}/{channel}/resume" => post rollout::resume;
    "/releases/{app}/{channel}/revert" => post rollout::revert;
    "/releases/{app}/{channel}/recall" => post rollout::recall;
    "/services" => get catalogue::list;
    "/services/{app}" => get catalogue::show;
    "/services/{app}/delisting" => post catalogue::delist;
    "/services/{app}/listing" => post catalogue::list_again;
    "/members" => get members::show;
    "/members/{id}" => get members::member;
    "/members/{id}/role" => post members::role;
    "/members/{id}/leave" => post members::leave;
    "/members/{id}/identity" => post organisation::link;
    "/invitations" => post members::invite;
    "/invitations/{id}/withdrawal" => post members::withdraw;
    "/terminals" => get fleet::show;
    "/terminals/codes" => post fleet::make_code;
    "/terminals/codes/{id}/withdrawal" => post fleet::withdraw_code;
    "/terminals/{id}" => get fleet::terminal;
    "/terminals/{id}/policy" => post fleet::assign;
    "/terminals/{id}/picture" => get fleet::picture, post fleet::ask_for_picture;
    "/terminals/{id}/revocation" => post fleet::revoke;
    "/audit" => get audit::show;
    "/account" => get account::show;
    "/account/look" => post dress::choose;
    "/account/token" => post account::token;
    "/account/tokens" => post account::make;
    "/tokens/{id}/revocation" => post account::revoke;
    "/sessions/{id}/end" => post account::end;
    "/account/passkeys" => post passkeys::register;
    "/account/passkeys/question" => post passkeys::offer_registration;
    "/passkeys/{id}/removal" => post passkeys::remove;
    "/submissions/{id}/agreement" => post passkeys::decide;
    "/submissions/{id}/agreement/question" => post passkeys::offer_decision;
    "/sign-in/organisation" => get organisation::begin;
    "/sign-in/organisation/answer" => get organisation::answer;
    "/sign-in/passkey" => post passkeys::sign_in;
    "/sign-in/passkey/question" => post passkeys::offer_sign_in;
    "/join" => get join::form, post join::enter;
    "/sign-in" => get sign_in::form, post sign_in::enter;
    "/sign-out" => post sign_in::leave;
    "/assets/{name}" => get assets::serve;
}
