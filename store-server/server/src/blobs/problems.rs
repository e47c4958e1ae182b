//! What an operator is told about a bucket: what, why, and what to do.

use guichet_api::Problem;

use super::Failure;

/// The address is not one of a bucket.
pub(crate) fn bad_address(text: &str) -> Problem {
    Problem::new(
        422,
        "bucket/address",
        "--blobs takes the address of a bucket",
        "s3://BUCKET or s3://BUCKET/PREFIX, in letters, digits, `.`, `-` and `_`; leave it away to keep packages in the store's folder",
    )
    .at(Some(text.to_owned()))
}

pub(super) fn no_key() -> Problem {
    Problem::new(
        422,
        "bucket/no-key",
        "there is no key for the bucket in the environment",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for a key that passes",
    )
}

pub(super) fn no_region() -> Problem {
    Problem::new(
        422,
        "bucket/no-region",
        "it is not said where the bucket is",
        "set AWS_REGION; or AWS_ENDPOINT_URL for a server of your own, such as https://minio.example",
    )
}

pub(super) fn bad_endpoint(endpoint: &str) -> Problem {
    Problem::new(
        422,
        "bucket/endpoint",
        "AWS_ENDPOINT_URL is no address of a server, or none that can have this bucket",
        "https://HOST[:PORT], without a name or a password; a bucket that is not a part of the host's name needs AWS_VIRTUAL_HOSTED_STYLE_REQUEST unset",
    )
    .at(Some(endpoint.rsplit('@').next().unwrap_or_default().to_owned()))
}

pub(super) fn plain_endpoint(endpoint: &str) -> Problem {
    Problem::new(
        422,
        "bucket/plain",
        "the bucket would be reached over a network without TLS",
        "give an https:// address in AWS_ENDPOINT_URL; or set AWS_ALLOW_HTTP=true if nobody else is on that network",
    )
    .at(Some(endpoint.to_owned()))
}

pub(super) fn no_roots(path: &str, reason: &str) -> Problem {
    Problem::new(
        422,
        "bucket/roots",
        format!("the certificates of AWS_CA_BUNDLE cannot be read: {reason}"),
        "name a file in PEM with the certificate that the bucket's server is signed by",
    )
    .at(Some(path.to_owned()))
}

/// The bucket is another store's, or has something else.
pub(crate) fn other(place: &str) -> Problem {
    Problem::new(
        409,
        "bucket/other",
        "this place in the bucket is not this store's",
        "correct --dir or --blobs; a new store takes a place where nothing is, such as s3://BUCKET/PREFIX",
    )
    .at(Some(place.to_owned()))
}

/// The packages are in a bucket, and it was not named.
pub(crate) fn not_named(place: &str) -> Problem {
    Problem::new(
        422,
        "bucket/not-named",
        format!("the packages of this store are in a bucket, {place}"),
        "give --blobs or set GUICHET_BLOBS; to move them, make a backup and restore it elsewhere",
    )
}

/// Why the bytes of a package cannot be had, in English and in Simplified Chinese, for whoever does not run the store.
pub(crate) fn not_had(failure: &Failure) -> [&'static str; 2] {
    match failure {
        Failure::Lost => ["the place where packages are kept has lost it", "存放软件包的地方把它弄丢了"],
        Failure::Altered => ["the place where packages are kept gives other bytes", "存放软件包的地方给出了别的内容"],
        _ => ["the place where packages are kept does not give it now", "存放软件包的地方现在取不出它"],
    }
}

/// The bucket did not do as asked.
pub(crate) fn failed(place: &str, failure: &Failure) -> Problem {
    let what = format!("the bucket cannot be used: {failure}");
    let (status, class, hint) = match failure {
        Failure::NoBucket => {
            (404, "bucket/missing", "make it first, private and in this region, or correct --blobs".to_owned())
        }
        Failure::Refused(code) => (403, "bucket/refused", refused(code).to_owned()),
        Failure::Elsewhere(_) => (409, "bucket/region", "set AWS_REGION to the bucket's region".to_owned()),
        Failure::Unreachable(_) => (
            503,
            "bucket/unreachable",
            "look at AWS_ENDPOINT_URL, the network and the certificate (AWS_CA_BUNDLE), and start again".to_owned(),
        ),
        Failure::Silent => {
            (503, "bucket/silent", "look whether it is up and the network is free, and start again".to_owned())
        }
        Failure::Broken(_) => (502, "bucket/broken", "ask whoever keeps it; nothing was changed here".to_owned()),
        Failure::Lost => {
            (502, "bucket/lost", "bring the object back: a backup has each package in its folder `packages`".to_owned())
        }
        Failure::Altered => {
            (502, "bucket/altered", "find out who can write to it, and bring the object back from a backup".to_owned())
        }
        Failure::Here(_) => (500, "bucket/file", "look at the disk of the store's folder".to_owned()),
    };
    Problem::new(status, class, what, hint).at(Some(place.to_owned()))
}

fn refused(code: &str) -> &'static str {
    match code {
        "RequestTimeTooSkewed" => "set the clock of this machine: the two differ by more than a quarter of an hour",
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "ExpiredToken" => "get a new key: this one was for a time that has passed",
        _ => "let the key get, put, delete and list objects at this place, and no more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let place = "s3://guichet/stores/one";
        let all = [
            bad_address("s3:/guichet"),
            no_key(),
            no_region(),
            bad_endpoint("https://me:secret@s3.example"),
            plain_endpoint("http://s3.example"),
            no_roots("ca.pem", "it has no certificate"),
            other(place),
            not_named(place),
            failed(place, &Failure::NoBucket),
            failed(place, &Failure::Refused("InvalidAccessKeyId".to_owned())),
            failed(place, &Failure::Refused("AccessDenied".to_owned())),
            failed(place, &Failure::Refused("RequestTimeTooSkewed".to_owned())),
            failed(place, &Failure::Refused("ExpiredToken".to_owned())),
            failed(place, &Failure::Elsewhere("eu-central-1".to_owned())),
            failed(place, &Failure::Unreachable("Connection refused (os error 111)".to_owned())),
            failed(place, &Failure::Silent),
            failed(place, &Failure::Broken("503 Service Unavailable SlowDown".to_owned())),
            failed("s3://guichet/packages/00.ma", &Failure::Lost),
            failed("s3://guichet/packages/00.ma", &Failure::Altered),
            failed(place, &Failure::Here(std::io::Error::other("no space left on device"))),
        ];
        let text: Vec<String> = all.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(text.join("\n"));
    }
}
