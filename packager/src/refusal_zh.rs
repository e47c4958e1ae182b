//! Refusals in Chinese, by their stable class. The exact English sentence stays beside them as the detail.
//!
//! The console has its own (`problem_words.rs` in the store), whose hints name its pages and not commands; of a class that stands in both
//! the two say the same, which a test of `xtask` holds.

const REBUILD: &str = "用 guichet build 重新打包";
const FETCH_AGAIN: &str = "重新取这个包；还是这样就问它的发布部门";
const DO_NOT_OPEN: &str = "不要用别的程序打开它；问一问交给您的人，或用 guichet build 从源文件重新打包";
const CORRECT_MANIFEST: &str = "照详情里的位置改 manifest.json";
const REPUBLISH: &str = "请签署它的人改正后重新发布";
const TELL_SECURITY: &str = "它没有公布给所有人看：告诉商店的运维人员和安全部门";
const TELL_OPERATOR: &str = "看看地址和中间的代理；没有问题就告诉商店的运维人员";
const NEW_KEY: &str = "用 guichet key new 新建一个密钥并登记";

/// Class, what, hint.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "address/not-an-address",
        "这段文字没有说清要打开哪项服务",
        "写应用标识，例如 gov.example.permit，或 guichet://miniapp/gov.example.permit/pages/new?case=1；其他字符要百分号编码",
    ),
    ("address/foreign-scheme", "这是别的平台的地址", "本平台的地址以 guichet://miniapp/ 开头"),
    (
        "address/no-app-id",
        "地址里的应用标识不能用",
        "写两段以上、用点连接、每段以小写字母开头，例如 gov.example.permit",
    ),
    ("address/leaves-app", "地址里的页面不在应用里面", "照应用清单里的名字写，例如 pages/new"),
    ("address/", "地址太长", "查询里只放一个编号，不要放内容本身"),
    ("path/", "包里有一个路径不能用", "照详情改文件名：不用系统保留的字符和名字，同一文件夹里不要只差大小写"),
    ("container/not-a-zip", "这个文件不是小程序包", "选一个 .ma 文件"),
    ("container/media-type", "服务器给出的不是小程序包", "看看地址；没有问题就告诉商店的运维人员"),
    ("container/truncated", "包不完整，后面少了一段", FETCH_AGAIN),
    ("container/directory-damaged", "包的目录读不出来", FETCH_AGAIN),
    ("container/checksum", "文件的内容与打包时不同", FETCH_AGAIN),
    ("container/signing-block", "包里的签名区读不出来", FETCH_AGAIN),
    (
        "container/no-signing-block",
        "包里没有内容清单",
        "它是别的工具打的；用 guichet import 接收，或用 guichet build 从源文件重新打包",
    ),
    (
        "container/compressed",
        "包里有压缩过的文件，封签的包不会这样",
        "它是别的工具打的；用 guichet import 接收，或用 guichet build 从源文件重新打包",
    ),
    ("container/deflate", "有一个压缩过的文件解不开", FETCH_AGAIN),
    ("container/ratio", "有一个文件压缩得不合常理", "问一问交给您的人；确实需要就不要打进包里，让应用自己生成"),
    ("container/feature", "有一个条目用了包里没有的 ZIP 功能", REBUILD),
    ("container/comment", "归档里有注释", REBUILD),
    ("container/split", "这只是分卷中的一卷", REBUILD),
    ("container/zip64", "归档用了 64 位字段，包不需要", REBUILD),
    ("container/not-sorted", "条目没有按名字排序", REBUILD),
    ("container/encrypted", "有一个条目加了密", REBUILD),
    ("container/data-descriptor", "有一个条目把大小写在内容后面", REBUILD),
    ("container/method", "有一个条目用了不认识的打包方法", REBUILD),
    ("container/extra-field", "有一个条目带着多余的字段", REBUILD),
    ("container/folder-entry", "有一个条目是文件夹", REBUILD),
    ("container/name-encoding", "有一个名字没有按 UTF-8 书写", REBUILD),
    ("container/not-canonical", "归档不是包应有的唯一写法", REBUILD),
    ("container/too-large", "包太大", "去掉应用用不到的文件"),
    ("container/file-too-large", "有一个文件太大", "把它变小，或放在部门自己的服务器上"),
    ("container/files-too-large", "文件加起来太大", "去掉应用用不到的文件"),
    ("container/too-many-files", "文件太多", "合并小文件，不要把 node_modules 这样的文件夹打进来"),
    ("container/empty", "包里没有文件", REBUILD),
    ("container/", "这个归档会让不同的程序读出不同的内容", DO_NOT_OPEN),
    ("manifest/missing", "包里没有 manifest.json", "把 manifest.json 放在最外层；guichet new 会给出一份样子"),
    ("manifest/too-large", "manifest.json 太大", "长文字放进 i18n/，图片放进 common/"),
    ("manifest/not-json", "manifest.json 不是 JSON", "照详情里的行号改正"),
    ("manifest/duplicate-member", "manifest.json 里有两个同名的成员", "只留一个"),
    ("manifest/not-an-object", "manifest.json 是 JSON，但不是对象", "以 { 开头，以 } 结尾"),
    ("manifest/missing-member", "manifest.json 少了一个必需的成员", "照详情补上"),
    ("manifest/wrong-type", "manifest.json 里有一个成员的类型不对", CORRECT_MANIFEST),
    ("manifest/out-of-range", "manifest.json 里有一个数字超出范围", CORRECT_MANIFEST),
    ("manifest/app-id", "这个应用标识不能用", "写两段以上、用点连接、每段以小写字母开头，例如 gov.example.residence"),
    ("manifest/no-icons", "icons 里没有一个能用的图标", "补一个图标，例如 common/icon.svg"),
    ("manifest/no-pages", "pages 里没有一个能用的页面", "补一个页面，例如 pages/home"),
    ("manifest/platform", "应用要求更新的平台", "更新这台终端上的 Guichet，或请部门提供适合这个平台的版本"),
    ("manifest/extension", "guichet 成员里有一处写得不对", CORRECT_MANIFEST),
    ("manifest/", "manifest.json 不能用", CORRECT_MANIFEST),
    ("layout/missing-file", "包里少了 app.js 或 app.css", "在最外层补上，可以是空文件"),
    ("layout/missing-page", "manifest.json 写了一个页面，文件却不在", "补上这个页面，或从 manifest.json 里去掉"),
    ("layout/missing-logic", "manifest.json 写了一个逻辑组件，文件却不在", "先编译组件，或改 manifest.json"),
    (
        "layout/two-logics",
        "逻辑已经是一个组件，app.js 里却还有内容",
        "把 app.js 清空但留着文件，或从 manifest.json 里去掉 logic",
    ),
    ("layout/", "包里的文件不齐", "照详情补上"),
    ("check/missing-icon", "manifest.json 写了一个图标，文件却不在", "补上这个图标，或改 manifest.json"),
    ("check/localization", "i18n/ 里有一份文字读不出来", "写成一个由文字组成的对象，可以分层"),
    ("check/language-tag", "i18n/ 里有一份文字没有用语言命名", "用语言标签命名，例如 i18n/zh-Hans.json"),
    (
        "check/scope",
        "这个权限的范围（scope）没有写好，终端什么也不会给",
        "按名字列出要访问的主机：\"scope\": {\"domains\": [\"data.example.gov\"]}",
    ),
    (
        "check/unreferenced",
        "这个文件没有声明，也没有被引用，终端不会读它",
        "去掉它，在用到的地方写出它的名字，或放进 common/",
    ),
    ("check/version-name", "版本名不是 1.2.0 这样的写法", "写成用点连接的三个数字（semver.org）"),
    ("check/target-code", "应用针对的平台比它要求的最低平台还旧", "把 target_code 提到 min_code 以上，或去掉"),
    ("check/", "商店不接受包里的一处写法", "照详情改正"),
    ("contents/", "包里的文件与它的内容清单对不上", "包在打好以后被改过：重新打包并封签"),
    ("policy/other-key", "策略不是由运维人员的密钥签的", "用运维人员的密钥签名，或核对 operator.pub"),
    ("policy/bad-signature", "策略的签名与内容对不上", "签名以后文件被改过：重新签名"),
    ("policy/expired", "策略已经过期", "用更大的序号和更晚的截止时间重新签一份，并核对时间"),
    ("policy/", "这份策略不能用", "照详情改正后重新签名"),
    ("seal/missing", "这个包没有封签", "用发布部门的密钥封签：guichet seal --key FILE PACKAGE"),
    (
        "seal/unknown-publisher",
        "封签用的密钥不属于这个部门",
        "请安全部门登记这个密钥：guichet-store keys publisher add",
    ),
    ("seal/revoked-key", "封签用的密钥已经吊销", "换一个登记过的密钥重新封签，再提交"),
    ("seal/bad-signature", "封签与内容对不上", "包在封签以后被改过：重新打包并封签"),
    ("seal/foreign-app-id", "这个应用标识不属于这个部门", "用本部门登记的前缀"),
    ("seal/", "封签不能用", "用发布部门登记过的密钥重新封签"),
    ("document/format", "这份文件的格式号不认识", "更新这个程序"),
    ("document/must-understand", "这份文件里有必须认识、却不认识的成员", "更新这个程序"),
    ("document/", "这份签过名的文件写得不对", REPUBLISH),
    ("release/not-found", "没有这次发布", "核对应用标识和渠道；guichet logs 会列出有哪些"),
    ("release/not-halted", "这些发布没有暂停", "什么都不用做"),
    ("release/halted", "这些发布正在暂停", "先恢复：guichet resume；恢复后从暂停前的程度接着放"),
    ("release/not-allowed", "那次发布已被召回，或低于最低序号", "换回另一次发布，或提交一个新版本"),
    ("release/current", "最新的发布就是这些内容", "什么都不用做"),
    ("release/recalled", "这个应用已经收回", "提交一个新版本，或换回一次没有召回的发布"),
    ("release/no-reason", "要写明原因", "用普通文字写，1 到 500 个字；终端前的人和看记录的人会读到"),
    ("release/", "包与它的发布文件对不上", REPUBLISH),
    ("package/away", "商店现在读不到这个软件包", "过一会儿再试；还是这样，请商店的运维人员从备份恢复，或重新提交"),
    (
        "package/before-away",
        "商店现在读不到上一个发布的软件包，没有办法对比",
        "过一会儿再试；还是这样，请商店的运维人员从备份恢复",
    ),
    ("package/", "商店现在读不到这个软件包", "过一会儿再试；还是这样就告诉商店的运维人员"),
    ("person/", "商店里没有这个人，或不能这样写", "核对名字；在控制台的人员页上看"),
    ("json/", "这份 JSON 读不出来", "看看文件有没有损坏，用写出它的工具重新写一份"),
    ("digest/", "这不是一个 SHA-256 摘要", "摘要是 64 个小写的十六进制字符"),
    ("key/format", "这不是一个公钥", "公钥是 `ed25519:` 加 64 个小写的十六进制字符：guichet key show"),
    ("key/file", "这不是密钥文件", "用 guichet key new 写出的文件"),
    (
        "key/uri",
        "这个 PKCS#11 URI 不能用",
        "写成 pkcs11:token=标签;object=名字 这样（RFC 7512）；guichet key list 会列出有哪些",
    ),
    (
        "key/pin-in-uri",
        "PIN 写在了 PKCS#11 URI 里，别人看得到",
        "去掉它：程序会询问，或从 pin-source=/路径 所指的文件读取。请更换 PIN：它已留在命令记录里",
    ),
    (
        "key/no-module",
        "没有说明用哪个 PKCS#11 模块访问密码钥匙",
        "在 URI 后面加 ?module-path=/完整路径.so，或设置 GUICHET_PKCS11_MODULE；模块在哪里，密码钥匙厂商会说明",
    ),
    ("key/module", "PKCS#11 模块装不上", "看看模块是否在那里、是否适合这个系统；模块在哪里，密码钥匙厂商会说明"),
    ("key/no-token", "没有插着这样的密码钥匙", "插上密码钥匙，并核对它的标签：guichet key list"),
    ("key/two-tokens", "插着的密码钥匙里不止一个符合", "在 URI 里加上 serial=… 或 slot-id=…"),
    ("key/token-not-ready", "密码钥匙还没有启用：它没有 PIN", "用厂商的工具初始化密码钥匙，并设置用户 PIN"),
    ("key/no-pin", "密码钥匙要 PIN，却没有得到", "在运行命令的终端里输入，或写明存放 PIN 的文件：?pin-source=/路径"),
    ("key/pin-file", "存放 PIN 的文件不能用", "PIN 写在文件的第一行，别人不能读取这个文件"),
    ("key/wrong-pin", "PIN 不对", "先查清楚再输入：错几次，密码钥匙就会自己锁定"),
    ("key/token-locked", "密码钥匙已锁定：PIN 错了太多次", "用管理员 PIN（SO PIN）和厂商的工具解锁"),
    (
        "key/not-found",
        "密码钥匙里没有这样的密钥",
        "用 guichet key list 核对 object=… 和 id=…，或生成一个：guichet key new URI",
    ),
    ("key/two-keys", "密码钥匙里不止一个密钥符合", "照详情在 URI 里加上 id=…"),
    (
        "key/other-kind",
        "这不是 Ed25519 密钥，这里不能用它签名",
        "生成一个：guichet key new 'pkcs11:token=标签;object=名字'",
    ),
    ("key/no-public-half", "密码钥匙不给出这个密钥的公开部分", "用生成它的工具把公钥以同一个 id 写在旁边"),
    ("key/mechanism", "密码钥匙不会 Ed25519", "换一个支持 Ed25519（PKCS#11 3.0）的密码钥匙，或更新它的模块"),
    ("key/exists", "密码钥匙里已经有同名的密钥，没有动它", "换一个 object=名字；密钥一旦被覆盖就找不回来"),
    (
        "key/bad-signature",
        "密码钥匙签出的与它的公钥对不上，没有采用",
        "密码钥匙里的公钥属于另一个密钥：重新生成，并请人把旧的从名单上去掉",
    ),
    (
        "key/too-long-to-sign",
        "内容太长，密码钥匙签不了",
        "换一个能为更长的内容签 Ed25519 的密码钥匙；许多密码钥匙只到 2 KB",
    ),
    ("key/token-failed", "密码钥匙没有做成", "重新插上再试一次；还是这样，厂商的工具会说明原因"),
    ("key/", "这个公钥不能用", NEW_KEY),
    ("signature/format", "签名的写法不对", "签名是 128 个小写的十六进制字符"),
    ("signature/invalid", "签名与内容对不上", "内容在签名以后被改过，或是别的密钥签的"),
    ("metadata/expired", "商店的信息已经过期", "先核对这台机器的时钟；时钟没有错，就告诉商店的运维人员"),
    ("metadata/rollback", "商店给出的是旧的信息", TELL_OPERATOR),
    ("metadata/threshold", "签名的人数不够", "请这个角色更多的持钥人签名，并确认他们的密钥还在名单上"),
    ("metadata/delegation", "没有角色委托给它", "核对部门的名字，或请安全部门委托"),
    ("metadata/", "商店发布的信息不能用", TELL_OPERATOR),
    ("log/quorum", "签名的见证人还不够", "过一会儿再试：商店在等见证人；还是这样就告诉商店的运维人员"),
    ("log/fork", "日志不以以前看到的那棵树开头", "日志给不同的人看了不同的历史：保存文件，告诉安全部门"),
    ("log/smaller", "日志比以前看到的小", TELL_OPERATOR),
    ("log/inclusion", "没有证明这次发布在日志里", TELL_SECURITY),
    ("log/proof-missing", "这次发布没有附上它在日志里的证明", TELL_SECURITY),
    ("log/other-release", "日志里这个位置是另一次发布", TELL_SECURITY),
    ("log/key", "这不是日志或见证人的公钥", "照对方打印的样子写：`<name>+<8 hex>+<base64>`"),
    ("log/policy", "日志的签名规则不成立", "写 none、any、all 或要几个见证人签名"),
    ("log/", "日志的文件不能用", TELL_OPERATOR),
    ("editor/key", "这个密钥不属于这个角色", "用登记过的密钥签名，或先登记"),
    ("editor/", "这份角色文件不能这样改", "告诉商店的管理员"),
    ("access/unknown-token", "商店不认识这个令牌", "核对 GUICHET_TOKEN；需要新的就找商店管理员"),
    ("access/role", "您的角色不能做这件事", "请有这个角色的人来做；guichet status 会显示您的角色"),
    ("access/department", "这属于另一个部门", "请那个部门的人来做"),
    ("access/", "您不能做这件事", "照详情去做，或找商店管理员"),
    ("review/self-approval", "这是您自己提交的，要由别人来审", "请本部门另一位审核人员来审"),
    ("review/already-approved", "您已经签过名", "还差另一位审核人员的签名，请同事来签"),
    ("review/too-late", "这份提交已经往前走了，现在不能这样做", "看看它的经过；还要改就提交一个新版本"),
    ("review/no-reason", "退回要有理由", "写明请发布部门改什么，1 到 2000 个字"),
    ("review/too-few-keys", "这个角色的审核人员密钥还不够", "由管理员用 guichet-store keys reviewer add 登记"),
    ("review/not-agreed", "签名要算数，先要用通行密钥同意这次发布", "在控制台打开这份提交，看清以后同意，再签名"),
    ("review/outdated", "中间有了别的发布", "再运行一次，为新的提议签名"),
    ("review/", "签的内容与商店提议的对不上", "再运行一次；还是这样就告诉商店的运维人员"),
    ("submission/version-not-higher", "版本号没有比以前的高", "提高 manifest.json 里的 version.code，重新打包再提交"),
    ("submission/not-found", "没有这份提交", "guichet review list 会列出有哪些"),
    ("submission/too-large", "包太大", "去掉应用用不到的文件；guichet inspect 会按大小列出文件"),
    ("submission/upload-broken", "包没有传完，商店什么都没有留", "再发送一次"),
    ("submission/", "商店没有收下这份提交", "照详情改正后再提交"),
    ("request/", "商店不明白这个请求", "更新这个程序，或核对商店的地址"),
    ("store/failed", "商店自己出了错", "过一分钟再试；还是这样就告诉商店的运维人员"),
];

/// Whether this class is spoken of in Chinese.
pub(crate) fn knows(class: &str) -> bool {
    find(class).is_some()
}

/// What and hint in Chinese; the given ones where there are none.
pub(crate) fn words(class: &str, what: &str, hint: &str) -> (String, String) {
    match find(class) {
        Some((what, hint)) => (what.to_owned(), hint.to_owned()),
        None => (what.to_owned(), hint.to_owned()),
    }
}

/// The class itself, or else the words for its whole group, whose entry ends with `/`.
fn find(class: &str) -> Option<(&'static str, &'static str)> {
    let group = class.split_inclusive('/').next().unwrap_or(class);
    let entry = |wanted: &str| WORDS.iter().find(|(known, ..)| *known == wanted).map(|(_, what, hint)| (*what, *hint));
    entry(class).or_else(|| entry(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_falls_back_to_its_group_and_then_to_what_was_said() {
        assert_eq!(words("container/truncated", "x", "y").0, "包不完整，后面少了一段");
        assert_eq!(words("container/overlap", "x", "y").1, DO_NOT_OPEN);
        assert_eq!(words("weather/rain", "it rains", "wait"), ("it rains".to_owned(), "wait".to_owned()));
        assert!(!knows("weather/rain"));
    }

    #[test]
    fn every_group_a_store_or_a_package_refuses_with_has_words() {
        let groups = "access check container contents document editor json key layout manifest metadata package path person release request review seal submission";
        for group in groups.split(' ') {
            assert!(knows(&format!("{group}/of-another-day")), "{group}");
        }
    }

    #[test]
    fn no_class_is_spoken_of_twice() {
        let mut classes: Vec<_> = WORDS.iter().map(|(class, ..)| *class).collect();
        classes.sort_unstable();
        let count = classes.len();
        classes.dedup();
        assert_eq!(classes.len(), count);
    }
}
