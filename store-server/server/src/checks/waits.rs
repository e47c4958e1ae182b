//! Why a package cannot be looked at, and what to do about it: two sentences for pages, one for the API and for what is kept.

use guichet_api::Said;

use crate::blobs::{Failure, problems};

/// The two sentences, in both languages. What is wrong with the place is told to whoever runs the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waits {
    pub(crate) what: Said,
    pub(crate) hint: Said,
}

impl Waits {
    /// For the package that was handed in.
    pub(crate) fn for_it(failure: &Failure) -> Self {
        let [english, chinese] = problems::not_had(failure);
        Self {
            what: said(format!("the package cannot be looked at: {english}"), format!("看不到软件包：{chinese}")),
            hint: said(
                "the store tries again by itself, and at once if this check is made again; if it stays so, whoever runs the store puts it back from a backup, or the package is handed in again",
                "商店会自己再试，点“再查一次”会马上试；一直这样的话，请商店的运维人员从备份恢复，或重新提交软件包",
            ),
        }
    }

    /// For that of the release before, with which one is compared.
    pub(crate) fn for_the_one_before(failure: &Failure) -> Self {
        let [english, chinese] = problems::not_had(failure);
        Self {
            what: said(
                format!(
                    "the package of the release before, with which this one is compared, cannot be looked at: {english}"
                ),
                format!("看不到用来对比的上一个发布的软件包：{chinese}"),
            ),
            hint: said(
                "try again in a while; if it stays so, whoever runs the store puts it back from a backup: handing this one in again does not help",
                "过一会儿再试；一直这样的话，请商店的运维人员从备份恢复那个软件包，重新提交这个版本没有用",
            ),
        }
    }

    /// Both in one sentence.
    pub(crate) fn told(self) -> Said {
        let Self { what, hint } = self;
        said(format!("{}; hint: {}", what.en, hint.en), format!("{}；建议：{}", what.zh, hint.zh))
    }
}

fn said(english: impl Into<String>, chinese: impl Into<String>) -> Said {
    Said { en: english.into(), zh: chinese.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_package_is_told_why() {
        let unreachable = Failure::Unreachable("10.0.0.7: refused".to_owned());
        let all = [Failure::Lost, Failure::Altered, unreachable].map(|it| Waits::for_it(&it));
        let all = all.into_iter().chain([Waits::for_the_one_before(&Failure::Lost)]).map(Waits::told);
        let text: Vec<String> = all.flat_map(|said| [said.en, said.zh]).collect();
        insta::assert_snapshot!(text.join("\n"), @"
        the package cannot be looked at: the place where packages are kept has lost it; hint: the store tries again by itself, and at once if this check is made again; if it stays so, whoever runs the store puts it back from a backup, or the package is handed in again
        看不到软件包：存放软件包的地方把它弄丢了；建议：商店会自己再试，点“再查一次”会马上试；一直这样的话，请商店的运维人员从备份恢复，或重新提交软件包
        the package cannot be looked at: the place where packages are kept gives other bytes; hint: the store tries again by itself, and at once if this check is made again; if it stays so, whoever runs the store puts it back from a backup, or the package is handed in again
        看不到软件包：存放软件包的地方给出了别的内容；建议：商店会自己再试，点“再查一次”会马上试；一直这样的话，请商店的运维人员从备份恢复，或重新提交软件包
        the package cannot be looked at: the place where packages are kept does not give it now; hint: the store tries again by itself, and at once if this check is made again; if it stays so, whoever runs the store puts it back from a backup, or the package is handed in again
        看不到软件包：存放软件包的地方现在取不出它；建议：商店会自己再试，点“再查一次”会马上试；一直这样的话，请商店的运维人员从备份恢复，或重新提交软件包
        the package of the release before, with which this one is compared, cannot be looked at: the place where packages are kept has lost it; hint: try again in a while; if it stays so, whoever runs the store puts it back from a backup: handing this one in again does not help
        看不到用来对比的上一个发布的软件包：存放软件包的地方把它弄丢了；建议：过一会儿再试；一直这样的话，请商店的运维人员从备份恢复那个软件包，重新提交这个版本没有用
        ");
    }
}
