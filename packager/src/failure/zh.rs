//! The failures in Chinese, each written for its reader and not translated.

use guichet_host::{JournalRefusal, preview::PreviewError};

use super::Failure;
use crate::{journey::NoGlass, lang::Lang::Zh, proposal::Meant, refusal_zh};

impl Failure {
    /// What, and what to do, in Chinese.
    pub(super) fn zh(&self) -> (String, String) {
        let (what, hint): (String, String) = match self {
            Self::NoFolder { .. } => ("这里没有文件夹".into(), "写明应用的文件夹，或用 guichet new 新建一个".into()),
            Self::NotBuilt { .. } => (
                "别的工具还没有构建出结果".into(),
                "先运行它的构建，比如 npm run build；--from DIR 可以换一个文件夹".into(),
            ),
            Self::List { source, .. } => {
                (format!("文件夹读不出来：{source}"), "看看文件是否还在、您是否有权读取".into())
            }
            Self::Read { source, .. } => (format!("文件读不出来：{source}"), "看看文件是否还在、您是否有权读取".into()),
            Self::Write { source, .. } => {
                (format!("文件写不进去：{source}"), "看看文件夹是否还在、您是否有权写入、磁盘是否已满".into())
            }
            Self::NoWindow => (
                "没有 guichet-desktop，也就没有窗口".into(),
                "把 guichet-desktop 放在 guichet 旁边或 PATH 里；guichet doctor 会说还缺什么".into(),
            ),
            Self::WindowFailed { why } => {
                (format!("窗口没有正常结束：{why}"), "看看上面它说了什么；guichet doctor 会说缺什么".into())
            }
            Self::Unwatchable { source, .. } => (
                format!("没法知道文件夹里的改动：{source}"),
                "系统只让每个人监视一定数量的文件夹：关掉别的监视程序，或调大 fs.inotify.max_user_watches".into(),
            ),
            Self::Preview(error) => preview(error),
            Self::NoSuchTerminal { what } => (
                format!("这台电脑没有和终端“{what}”配对"),
                "guichet preview --terminals 会列出来；写它的名字，或密钥开头至少四位".into(),
            ),
            Self::NoManifest { .. } => (
                "文件夹里没有 manifest.json，所以不是应用".into(),
                "写明放着 manifest.json 的文件夹，或用 guichet new 新建一个应用".into(),
            ),
            Self::NoPages { .. } => (
                "文件夹里没有页面（*.html），没有可以打开的".into(),
                "先构建，再写明工具输出的文件夹，例如 dist".into(),
            ),
            Self::NotPortable { found, .. } => found.first().map(|found| found.words(Zh)).unwrap_or_default(),
            Self::NotThisBuild { .. } => (
                "这个包不是这个文件夹打出的".into(),
                "取出打包时的那个版本；.guichetignore 列出的、编辑器改过的也算在内".into(),
            ),
            Self::FolderNotEmpty { .. } => ("文件夹不是空的，什么都没有写".into(), "换一个新的文件夹".into()),
            Self::KeyExists { .. } => {
                ("这里已经有文件，没有动它".into(), "换一个名字；密钥一旦被覆盖就找不回来".into())
            }
            Self::KeyUnreadable { source, .. } => {
                (format!("密钥文件读不出来：{source}"), "用 --key 写明密钥文件；guichet key new FILE 可以新建".into())
            }
            Self::KeyMalformed { why, .. } => (
                format!("这个文件不能当密钥用：{why}"),
                "写明 guichet key new 写出的那个文件；`ed25519:…` 只是公开的一半".into(),
            ),
            Self::Token { failure, .. } => refusal_zh::words(failure.class(), &failure.to_string(), &failure.hint()),
            Self::NoRandomness { why } => (format!("系统没有给出随机数：{why}"), "再试一次".into()),
            Self::StaffPin { .. } => ("工作人员的 PIN 是 6 到 12 位数字".into(), "文件的第一行只写数字".into()),
            Self::PolicyDevices { why, .. } => (
                format!("策略里的设备不能这样写：{why}"),
                "照 docs/reference/drivers.md 里 devices.json 的写法写 devices".into(),
            ),
            Self::NoJourneys { .. } => (
                "这里没有旅程（*.js）".into(),
                "写一个：journey(\"看到什么\", async (app) => { await app.open(); await app.see(\"……\"); })".into(),
            ),
            Self::JourneysNotLoaded { why, .. } => {
                (format!("旅程装载不了：{why}"), "旅程是独立的模块：可以互相导入，不能导入 npm 的包或应用的文件".into())
            }
            Self::NoGlass { why } => match why {
                NoGlass::Missing(program) => (
                    format!("这里打不开也驱动不了窗口：没有 {program}"),
                    "guichet doctor 会说明怎么补上；--headless 运行不需要窗口的旅程".into(),
                ),
                NoGlass::NotStarted(why) => (
                    format!("这里打不开也驱动不了窗口：{why}"),
                    "guichet doctor 会说明缺什么；--headless 运行不需要窗口的旅程".into(),
                ),
            },
            Self::NothingBefore { app_id } => (
                format!("{app_id} 在最新的发布之前没有别的发布，没有可以换回的"),
                format!("用 guichet halt {app_id} 暂停，或用 guichet recall {app_id} 收回"),
            ),
            Self::NobodyToAsk { flag } => {
                (format!("没有终端可以询问，也没有给出 {flag}"), format!("写明 {flag}，或用 --yes 采用程序的建议"))
            }
            Self::NobodyToConfirm { id } => (
                "没有终端可以询问，没有您的同意什么都不签".into(),
                format!("先用 guichet review show {id} 看一看，再加上 --yes"),
            ),
            Self::NothingToJudgeBy => (
                "没有说明按哪些发布部门密钥核验封签".into(),
                "写明 --trust guichet.trust.json 或 --keys FILE；只核验封签以外的内容用 --unsealed".into(),
            ),
            Self::Unsealed { path } => {
                ("这个包没有封签".into(), format!("用发布部门的密钥封签：guichet seal --key KEY {}", path.display()))
            }
            Self::UnknownPublisher { keys, .. } => (
                format!("封签用的密钥不在商店列出的发布部门密钥里：{keys}"),
                "用安全部门为您的部门登记过的密钥封签".into(),
            ),
            Self::Address(refusal) => refusal_zh::words(refusal.class(), &refusal.what(), &refusal.hint()),
            Self::TooLongForQr { bytes } => {
                (format!("地址有 {bytes} 个字节，一个二维码放不下"), "查询里只放一个编号，不要放内容本身".into())
            }
            Self::QrKind { .. } => (
                "图片的名字既不以 .svg 也不以 .png 结尾".into(),
                "写成 poster.svg（放大也清楚）或 poster.png 这样".into(),
            ),
            Self::Package { refusal, .. } => refusal_zh::words(refusal.class(), &refusal.what(), &refusal.hint()),
            Self::Trust { refusal, .. } => refusal_zh::words(refusal.class(), &refusal.what(), &refusal.hint()),
            Self::Store(problem) => refusal_zh::words(&problem.class, &problem.what, &problem.hint),
            Self::Journal { refusal, .. } => journal(refusal),
            Self::Engine(guichet_host::EngineError::NoProgram { path }) => {
                (format!("缺少 {}", path.display()), "把本平台的程序都装在同一个文件夹里".into())
            }
            Self::NotPlayed { session, class, .. } => (
                format!("会话 {session} 的页面放不出来（{class}）"),
                "用 guichet-desktop --open FILE --unsealed 看看这个包".into(),
            ),
            Self::NoDisplay => ("没有可以用来放页面的显示".into(), "安装 Xvfb，或者在有屏幕的会话里运行".into()),
            Self::Engine(error) => (format!("这台机器不能运行应用的逻辑：{error}"), "关掉一些程序再试".into()),
            Self::Unreachable { url, why } => (
                format!("连不上 {url}：{}", why.text(Zh)),
                "看看商店是否在运行、地址是否正确：--store URL 或 GUICHET_STORE_URL".into(),
            ),
            Self::BadAddress { url, why } => {
                (format!("商店的地址 `{url}` 用不了：{}", why.text(Zh)), "写成 http://127.0.0.1:8480 这样".into())
            }
            Self::NoToken => {
                ("没有给出令牌，商店要知道您是谁".into(), "把商店管理员给您的令牌放进 GUICHET_TOKEN".into())
            }
            Self::NotAStore { url, what } => (
                format!("{url} 回答了 {what}，商店不会这样回答"),
                "看看地址是不是商店的：--store URL 或 GUICHET_STORE_URL".into(),
            ),
            Self::Mirror { path, what } => (
                format!("商店发布的文件 `{path}` 有问题：{}", what.text(Zh)),
                "过一分钟再试；还是这样就告诉商店的运维人员。什么都没有签".into(),
            ),
            Self::NotMeant { proposed } => {
                let (what, flags) = match proposed {
                    Meant::Release => ("发布较新的版本", "去掉 --revert 和 --recall"),
                    Meant::Revert => ("换回较旧的版本", "加上 --revert"),
                    Meant::Recall => ("收回这个应用", "加上 --recall"),
                };
                (format!("商店提议的是{what}"), format!("如果您就是这个意思，请{flags}。什么都没有签"))
            }
            Self::ProposalDiffers { what, proposed, verified } => (
                format!(
                    "商店提议的与本机核验的不同：{}：{}，应为 {}",
                    what.text(Zh),
                    proposed.text(Zh),
                    verified.text(Zh)
                ),
                "不要签名，告诉安全部门。什么都没有签".into(),
            ),
            Self::NotAdopted { role, paths } => (
                format!("角色 {role} 列出的内容，签名的密钥已停用：{paths}"),
                "先问安全部门原因，逐个看过；由您负责的话加上 --adopt。什么都没有签".into(),
            ),
            Self::NotYourRole { roles } => (
                format!("您的密钥不能为 {roles} 签名"),
                "用 --key 写明您自己的审核人员密钥；由管理员用 guichet-store keys reviewer add 登记".into(),
            ),
            Self::NotSigned => ("什么都没有签".into(), "决定好了再运行一次".into()),
            Self::AlreadySigned { .. } => ("您已经签过名".into(), "还差另一位审核人员的签名，请同事来签".into()),
            Self::NothingToDecide { id, state } => {
                (format!("这份提交的状态是 {state}，没有要决定的"), format!("guichet status {id} 可以查看经过"))
            }
            Self::NoSubmission { what } => {
                (format!("没有您能看到的 `{what}` 的提交"), "不带名字运行 guichet status 会列出您能看到的全部".into())
            }
        };
        (what, hint)
    }
}

fn preview(error: &PreviewError) -> (String, String) {
    let (what, hint) = match error {
        PreviewError::Address => {
            ("这不是 guichet preview 给出的地址".to_owned(), "扫码，或复制以 guichet://preview/ 开头的整行")
        }
        PreviewError::Unreachable { at, why } => (
            format!("{at} 没有电脑应答：{why}"),
            "两边要在同一个网络里，guichet preview 要在运行；--listen 可以换电脑的另一个地址",
        ),
        PreviewError::OtherKey => {
            ("应答的是另一台电脑：它的密钥和地址里的不一样".to_owned(), "不要继续；到那台电脑的屏幕上重新读取地址")
        }
        PreviewError::Over => ("这次预览已经结束".to_owned(), "再运行 guichet preview，用新显示的地址"),
        PreviewError::Busy => ("另一台终端正在和这台电脑配对".to_owned(), "最多两分钟，等它结束，再打开这个地址"),
        PreviewError::WrongCode => ("配对码错了三次，没有配对".to_owned(), "再打开一次地址，输入那时显示的配对码"),
        PreviewError::CodeExpired => ("配对码输入得太晚，没有配对".to_owned(), "再打开一次地址，输入那时显示的配对码"),
        PreviewError::TooManyCodes => (
            "输错的配对码太多，这次预览不再配对".to_owned(),
            "可能有别人在试：换一个别人看不到屏幕的地方，再运行 guichet preview",
        ),
        PreviewError::Channel { why } => {
            (format!("连接断了，或传送的内容被改过：{why}"), "再打开一次地址；还是这样就换一个网络")
        }
        PreviewError::Protocol { what } => {
            (format!("对方说的是另一种协议：{what}"), "guichet 和 guichet-desktop 要用同一个版本")
        }
        PreviewError::Unpaired => ("这台终端和这台电脑已经解除配对".to_owned(), "再打开一次地址，重新配对"),
        PreviewError::Pairings { why } => (
            format!("配对记录用不了：{why}"),
            "文件夹只能属于您自己，里面的文件要和写下时一样；没有它们，就要全部重新配对",
        ),
        PreviewError::Listen { at, why } => {
            (format!("别人没法在 {at} 找到这台电脑：{why}"), "用 --listen 写明这台电脑的一个地址，例如 127.0.0.1:0")
        }
    };
    (what, hint.to_owned())
}

fn journal(refusal: &JournalRefusal) -> (String, String) {
    let (what, hint) = match refusal {
        JournalRefusal::NotAJournal => {
            ("这个文件不是会话记录".to_owned(), "写明 guichet-desktop --record 写下的那个文件")
        }
        JournalRefusal::Format(format) => (format!("记录的格式是 {format}，本程序读不了"), "用录制它的那一版 guichet"),
        JournalRefusal::Malformed { line, .. } => {
            (format!("第 {line} 行不是会话记录里会有的"), "改动过的记录什么都证明不了；请重新录制")
        }
        JournalRefusal::NoProgram { app_id } => {
            (format!("记录里没有 {app_id} 的程序"), "用 --package FILE 给出录制时的那个包")
        }
        JournalRefusal::NoPages => {
            ("记录里没有页面".to_owned(), "用这一版的 guichet-desktop --record 重新录制，并打开一个页面")
        }
        JournalRefusal::NoPackage { app_id } => {
            (format!("记录里没有 {app_id} 的包"), "用 --package FILE 给出录制时的那个包")
        }
        JournalRefusal::OtherApp { app_id } => (format!("记录里没有 {app_id} 的会话"), "给出录制的那个应用的包"),
        JournalRefusal::Unreadable(error) => (format!("记录读不出来：{error}"), "看看文件是否还在、您是否有权读取"),
    };
    (what, hint.to_owned())
}
