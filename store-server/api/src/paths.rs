//! Where everything is, below the store's address.

/// What every path of the API begins with.
pub const PREFIX: &str = "/api/v1";
/// `GET`: whether the store answers. No token needed.
pub const HEALTH: &str = "/health";
/// `GET`: the OpenAPI document. No token needed.
pub const OPENAPI: &str = "/openapi.json";
/// `GET`: whom the token stands for.
pub const ME: &str = "/me";
/// `POST` a package; `GET` the list, narrowed by `?state=`.
pub const SUBMISSIONS: &str = "/submissions";
/// `GET`: one submission in detail.
pub const SUBMISSION: &str = "/submissions/{id}";
/// `GET`: the package as it was submitted.
pub const PACKAGE: &str = "/submissions/{id}/package";
/// `GET`: what a reviewer's machine would sign.
pub const PROPOSAL: &str = "/submissions/{id}/proposal";
/// `POST`: what a reviewer's machine has signed.
pub const APPROVAL: &str = "/submissions/{id}/approval";
/// `POST`: what a reviewer wants changed.
pub const REFUSAL: &str = "/submissions/{id}/refusal";
/// `POST`: how its release is to begin.
pub const BEGINNING: &str = "/submissions/{id}/beginning";
/// `POST`: the publisher takes the submission back.
pub const WITHDRAWAL: &str = "/submissions/{id}/withdrawal";
/// `POST`: the publisher hands a draft in, or hands it in again.
pub const HANDING_IN: &str = "/submissions/{id}/handing-in";
/// `POST`: who may try it out before it is handed in.
pub const TRIAL: &str = "/submissions/{id}/trial";
/// `POST`: the publisher puts it away.
pub const ARCHIVING: &str = "/submissions/{id}/archiving";

/// `GET`: who has taken it on; `POST`: take it on.
pub const CLAIM: &str = "/submissions/{id}/claim";
/// `POST`: give it back to the queue.
pub const UNCLAIM: &str = "/submissions/{id}/unclaim";
/// `GET`: what was said about it; `POST`: say something.
pub const MESSAGES: &str = "/submissions/{id}/messages";
/// `POST`: hold it aside.
pub const QUARANTINE: &str = "/submissions/{id}/quarantine";
/// `POST`: let it go on.
pub const FREEING: &str = "/submissions/{id}/freeing";

/// `GET`: what machines looked at, and what they found; `POST`: have them look again.
pub const CHECKS: &str = "/submissions/{id}/checks";
/// `POST`: the journeys of the app, which are run while it is in review.
pub const JOURNEYS: &str = "/submissions/{id}/journeys";
/// `GET`: its pages as they are seen on terminals.
pub const PICTURES: &str = "/submissions/{id}/pictures";
/// `GET`: one of those pictures; with `?before=true` that of the release before.
pub const PICTURE: &str = "/submissions/{id}/pictures/{name}";

/// `GET`: what is out, by app and channel.
pub const APPS: &str = "/apps";
/// `GET`: one app's channel, with its past.
pub const APP: &str = "/apps/{app}/{channel}";
/// `GET`: what the app has counted, by day, release and event.
pub const EVENTS: &str = "/apps/{app}/{channel}/events";
/// `POST`: hold the newest release back.
pub const HALT: &str = "/apps/{app}/{channel}/halt";
/// `POST`: let them go on.
pub const RESUME: &str = "/apps/{app}/{channel}/resume";
/// `POST`: let the newest release out to more terminals, or to fewer.
pub const ROLLOUT: &str = "/apps/{app}/{channel}/rollout";
/// `POST`: propose to go back to the contents of an earlier release.
pub const REVERT: &str = "/apps/{app}/{channel}/revert";
/// `POST`: propose to take the newest release back.
pub const RECALL: &str = "/apps/{app}/{channel}/recall";

/// `GET`: the services that people may find. No token needed.
pub const SERVICES: &str = "/services";
/// `GET`: one of them. No token needed.
pub const SERVICE: &str = "/services/{app}";
/// `GET`: its icon. No token needed.
pub const SERVICE_ICON: &str = "/services/{app}/icon";
/// `POST`: take a service off the shelf, so that people no longer find it.
pub const DELISTING: &str = "/services/{app}/delisting";
/// `POST`: put it back.
pub const LISTING: &str = "/services/{app}/listing";

/// `GET`: whom the asker looks after.
pub const PEOPLE: &str = "/people";
/// `GET`: one of them.
pub const PERSON: &str = "/people/{id}";
/// `POST`: give somebody another role.
pub const ROLE: &str = "/people/{id}/role";
/// `POST`: let somebody go.
pub const LEAVING: &str = "/people/{id}/leaving";
/// `GET`: the account at the organisation to which somebody is linked.
pub const IDENTITY: &str = "/people/{id}/identity";
/// `POST`: link somebody to their account at the organisation.
pub const LINKING: &str = "/people/{id}/linking";
/// `POST`: end that.
pub const UNLINKING: &str = "/people/{id}/unlinking";
/// `GET`: who has not joined yet; `POST`: invite somebody.
pub const INVITATIONS: &str = "/invitations";
/// `POST`: take an invitation back.
pub const INVITATION_WITHDRAWAL: &str = "/invitations/{id}/withdrawal";
/// `GET`: the asker's tokens for machines; `POST`: make one.
pub const TOKENS: &str = "/tokens";
/// `POST`: end a token.
pub const TOKEN_REVOCATION: &str = "/tokens/{id}/revocation";
/// `GET`: the record of who did what, newest first.
pub const AUDIT: &str = "/audit";
/// `GET`: the whole record as lines of JSON, oldest first.
pub const AUDIT_EXPORT: &str = "/audit/export";

/// `POST`: what became of releases on a device. No token needed.
pub const BEACONS: &str = "/beacons";

/// `POST`: a terminal of a hall asks to be known. No token needed, but a code.
pub const ENROLMENT: &str = "/terminals/enrolment";
/// `POST`: how a terminal is. No token needed, but its signature.
pub const TERMINAL_REPORT: &str = "/terminals/{id}/report";
/// `POST`: a picture of a terminal's home page. No token needed, but its signature.
pub const TERMINAL_PICTURE: &str = "/terminals/{id}/picture";

/// The address of a path under the store's base address, such as `url("http://127.0.0.1:8480", ME)`.
pub fn url(store: &str, path: &str) -> String {
    format!("{}{PREFIX}{path}", store.trim_end_matches('/'))
}

/// One of the paths that name a submission or a terminal, with its id in place: `of(PROPOSAL, id)`.
pub fn of(path: &str, id: &str) -> String {
    path.replace("{id}", id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_joins_without_doubling_slashes() {
        assert_eq!(
            url("http://127.0.0.1:8480/", &of(PROPOSAL, "7")),
            "http://127.0.0.1:8480/api/v1/submissions/7/proposal"
        );
    }
}
