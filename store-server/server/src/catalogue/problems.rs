//! What is answered to whoever looks for services, and to those who look after the shelf.

use guichet_api::Problem;
use guichet_contract::AppId;

fn short(app: &str) -> String {
    app.chars().take(128).collect()
}

/// Nothing of this id is offered to everybody.
pub fn no_such_service(app: &str) -> Problem {
    Problem::new(
        404,
        "service/not-found",
        format!("there is no service `{}`", short(app)),
        "look for it in the catalogue: what is not released yet, and what was taken back, is not in it",
    )
}

/// It was there, and is not offered any more.
pub fn off_the_shelf(app: &str) -> Problem {
    Problem::new(
        410,
        "service/off-the-shelf",
        format!("`{}` is not offered any more", short(app)),
        "where it is installed it goes on working; look in the catalogue for what is offered instead",
    )
}

/// It has no picture that browsers show.
pub fn no_icon(app: &str) -> Problem {
    Problem::new(
        404,
        "service/no-icon",
        format!("`{}` has no icon that a browser shows", short(app)),
        "show the first letter of its name",
    )
}

/// Nothing would change.
pub fn so_already(app_id: &AppId, is_off: bool) -> Problem {
    let (what, hint) = if is_off {
        ("off the shelf already", "put it back first to give another reason")
    } else {
        ("on the shelf", "nothing needs to be done")
    };
    Problem::new(409, "service/so-already", format!("`{app_id}` is {what}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let app: AppId = "gov.example.permit".parse().unwrap();
        let all = [
            no_such_service("gov.example.permit"),
            off_the_shelf("gov.example.permit"),
            no_icon("gov.example.permit"),
            so_already(&app, true),
            so_already(&app, false),
        ];
        let text: Vec<String> = all.iter().map(|problem| format!("{} {problem}", problem.status)).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        404 error[service/not-found]: there is no service `gov.example.permit`
          hint: look for it in the catalogue: what is not released yet, and what was taken back, is not in it
        410 error[service/off-the-shelf]: `gov.example.permit` is not offered any more
          hint: where it is installed it goes on working; look in the catalogue for what is offered instead
        404 error[service/no-icon]: `gov.example.permit` has no icon that a browser shows
          hint: show the first letter of its name
        409 error[service/so-already]: `gov.example.permit` is off the shelf already
          hint: put it back first to give another reason
        409 error[service/so-already]: `gov.example.permit` is on the shelf
          hint: nothing needs to be done
        ");
    }
}
