//! The help in Chinese: the same commands and flags as [`crate::args`], held together by a test.

use clap::{Arg, ArgAction, Command};

/// Each command's path and its help.
const COMMANDS: &[(&str, &str)] = &[
    ("", "制作小程序，打包、封签，并送审发布。"),
    ("new", "新建一个应用的文件夹"),
    ("build", "把文件夹打成一个包，在任何机器上字节都相同"),
    ("dev", "在窗口里显示文件夹现在的样子，每保存一次就显示一次"),
    ("preview", "在您自己配对的终端上显示文件夹，每保存一次就更新一次"),
    ("check", "说出商店会说的一切，指明位置和改法"),
    ("doctor", "看看这台机器，缺什么就说明怎么补上"),
    ("test", "运行应用的旅程：人们用它做什么、看到什么"),
    ("key", "生成或查看密钥"),
    ("key new", "生成密钥，写入一个只有您能读取的新文件，或留在 PKCS#11 密码钥匙里"),
    ("key show", "查看密钥的公开部分"),
    ("key list", "列出 PKCS#11 密码钥匙里的密钥"),
    ("seal", "为没有带密钥打的包封签"),
    ("verify", "像商店和终端那样核验一个包"),
    ("inspect", "查看包里有什么、要什么权限"),
    ("diff", "比较两个包：能做的、带的有什么不同"),
    ("import", "接收别的工具打的包，按本平台的写法重新写出"),
    ("address", "写出一个应用或它某一页的地址，可以做成链接或二维码"),
    ("replay", "把录下的会话里的逻辑再运行一遍，找出第一处不同的输出"),
    ("publish", "把包提交给商店"),
    ("hand-in", "提交草稿，或者把改好、说明过的再交一次"),
    ("trial", "让商店里的人试用草稿"),
    ("withdraw", "撤回提交，变回草稿"),
    ("archive", "把提交归档"),
    ("review", "审核别人的提交"),
    ("review list", "查看等待决定的提交"),
    ("review show", "查看一份提交：是什么，要什么权限，改了什么"),
    ("review approve", "在本机核对一份提交，并为它的发布签名"),
    ("review refuse", "退回一份提交"),
    ("status", "查看提交进行到哪一步"),
    ("logs", "逐步列出一个应用在商店里经过了什么"),
    ("halt", "马上暂停最新的发布"),
    ("resume", "让暂停的发布恢复"),
    ("revert", "提议换回较早一次发布的内容"),
    ("recall", "提议从所有终端收回一个应用"),
    ("policy", "写明大厅里的一台终端是做什么用的"),
    ("policy new", "为一台终端写一份待填的策略"),
    ("policy sign", "用运维人员的密钥为策略签名"),
    ("policy show", "查看策略写了什么、谁签的名"),
    ("schema", "写出 manifest.json 的 JSON Schema，供编辑器使用"),
    ("types", "写出宿主 API 的类型，是一个 npm 能装的包"),
    ("completions", "写出命令行补全脚本，供 shell 补全命令和选项"),
    ("man", "为每个命令写一页手册"),
];

/// Each argument's name (with its command where one name has two meanings) and its help.
const ARGUMENTS: &[(&str, &str)] = &[
    ("json", "输出一份 JSON，而不是文字"),
    ("lang", "消息的语言；不写则跟随终端"),
    ("store", "商店的地址"),
    ("token", "您在商店的令牌；最好写在环境变量里，别的程序读不到"),
    ("new/directory", "要新建的文件夹；已有的话必须是空的"),
    ("new/template", "从哪个模板开始；在终端里会询问，否则用 page"),
    ("new/app_id", "应用标识，以部门的前缀开头，例如 gov.example.repairs"),
    ("new/yes", "不询问；没有给出的由程序选定"),
    ("build/directory", "应用的文件夹，里面有 manifest.json"),
    ("build/output", "包写到哪里；不写则是应用文件夹下的 dist/<app-id>-<code>.ma"),
    ("build/key", "用来封签的发布部门密钥，文件或 PKCS#11 URI；不写则不封签"),
    ("build/from", "打包别的工具（Vite、webpack……）输出到这个文件夹的结果；没有 manifest.json 就做一个"),
    ("build/app_id", "写进 manifest.json：应用标识，以部门的前缀开头"),
    ("build/name", "写进 manifest.json：应用的名字；不写则用首页的标题"),
    ("build/icon", "写进 manifest.json：构建结果里的一张图，作为图标"),
    ("build/domains", "写进 manifest.json：应用可以访问的主机，可以写多次"),
    ("build/yes", "什么都不问；没有给出的由程序决定，主机除外"),
    ("build/check", "什么都不写，证明这个包就是这个文件夹打出的"),
    ("dev/directory", "应用的文件夹，里面有 manifest.json"),
    ("dev/from", "显示别的工具（Vite、webpack……）输出到这个文件夹的结果"),
    ("dev/run", "先运行这条命令，它用到的文件改了就再运行；不写则看文件夹需要什么"),
    ("dev/profile", "终端和使用的人"),
    ("dev/theme", "浅色、深色，或跟随系统"),
    ("dev/app_lang", "使用者的语言；不写则与消息相同"),
    ("dev/network", "应用怎样连网"),
    ("dev/devices", "模拟的设备是什么状态：printer=jam；几个用逗号隔开"),
    ("dev/automation", "让 WebDriver 操作窗口：只用于测试"),
    ("preview/directory", "应用的文件夹，里面有 manifest.json"),
    ("preview/from", "显示别的工具（Vite、webpack……）输出到这个文件夹的结果"),
    ("preview/run", "先运行这条命令，它用到的文件改了就再运行；不写则看文件夹需要什么"),
    ("preview/minutes", "预览持续多少分钟"),
    ("preview/listen", "终端在哪里找到这台电脑；不写则是它在网络里的地址和任意空闲端口"),
    ("preview/name", "这台电脑怎样称呼自己；不写则用它自己的名字"),
    ("preview/qr", "同时写一张二维码图片"),
    ("preview/terminals", "列出和这台电脑配对的终端"),
    ("preview/end", "解除和一台终端的配对：写它的名字，或密钥开头的几位"),
    ("check/place", "应用的文件夹，或一个包"),
    ("check/from", "检查别的工具（Vite、webpack……）输出到这个文件夹的结果，应用清单在应用的文件夹里"),
    ("check/fix", "在稳妥的地方直接改文件夹里的文件，再检查一遍"),
    ("doctor/store", "应当有应答的商店；也用它的时间对照这台机器的时间"),
    ("test/place", "应用的文件夹，或一个包"),
    ("test/from", "测试别的工具（Vite、webpack……）输出到这个文件夹的结果，应用清单在应用的文件夹里"),
    ("test/tests", "旅程放在哪里；不写则是应用文件夹下的 tests/"),
    ("test/only", "只运行名字或文件名里有这些字的旅程"),
    ("test/headless", "不打开窗口，略过需要窗口的旅程"),
    ("test/profiles", "装作哪一种终端和使用的人，all 是全部，可以写多次"),
    ("test/pictures", "图片放在哪里；不写则是应用文件夹下的 dist/journeys，由别的工具构建的应用则是 journeys"),
    ("test/junit", "另写一份构建服务器能读的报告（JUnit 的 XML）"),
    ("key new/key", "密钥文件，或密钥的 PKCS#11 URI"),
    ("key show/key", "密钥文件，或密钥的 PKCS#11 URI"),
    ("key list/uri", "只列出这个 PKCS#11 URI 所指的；不写则列出模块能看到的全部"),
    ("seal/file", "软件包"),
    ("seal/key", "发布部门的密钥，文件或 PKCS#11 URI"),
    ("seal/output", "封签后的包写到哪里；不写则写回原处"),
    ("verify/file", "软件包"),
    ("verify/unsealed", "核验封签以外的全部内容"),
    ("verify/trust", "按这份信任文件所指商店签署的发布部门密钥核验封签"),
    ("verify/keys", "按手头的发布部门密钥文件（keys/<部门>.json）核验封签"),
    ("inspect/file", "软件包"),
    ("inspect/keys", "按手头的发布部门密钥文件写出封签属于哪个部门，不核验封签"),
    ("diff/old", "以前的包"),
    ("diff/new", "现在的包"),
    ("import/file", "别的工具打的包，压缩与否都可以"),
    ("import/output", "写到哪里；不写则是原处旁边的 <名字>.imported.ma"),
    ("address/app_id", "应用标识"),
    ("address/page", "要打开的页面，照应用清单里的名字写；不写则是第一页"),
    ("address/query", "问号后面告诉页面的内容，要百分号编码，例如 case=1"),
    ("address/fragment", "井号后面，页面里要去的位置"),
    ("address/version", "要打开的版本；不写则是终端上最新的"),
    ("address/host", "以 https:// 和这个主机开头，终端必须认得它；不写则以 guichet:// 开头"),
    ("address/qr", "同时写一张二维码图片"),
    ("replay/file", "guichet-desktop --record 写下的记录"),
    ("replay/package", "不用录下的逻辑，改用这个包的"),
    ("replay/glass", "在看不见的窗口里把页面也放一遍，找出显示内容的第一处不同"),
    ("publish/file", "封签后的软件包"),
    ("publish/tests", "审核期间由商店运行的旅程；软件包在应用的 dist/ 里时，默认是应用的 tests/"),
    ("publish/draft", "先存为草稿：审核人员看不到，列出的人可以试用"),
    ("publish/replaces", "代替同一个应用的这份提交"),
    ("hand-in/id", "提交的编号"),
    ("trial/id", "提交的编号"),
    ("trial/testers", "谁来试用，写他在商店里的名字；可以写多次"),
    ("trial/end", "结束试用"),
    ("withdraw/id", "提交的编号"),
    ("archive/id", "提交的编号"),
    ("review list/state", "只看处于这一状态的提交；不写则看等待决定的"),
    ("review show/id", "提交的编号"),
    ("review approve/id", "提交的编号"),
    ("review approve/key", "您的审核人员密钥，文件或 PKCS#11 URI"),
    ("review approve/trust", "商店的信任文件，以当初交给您的那份为准"),
    ("review approve/yes", "不询问，直接签名"),
    ("review approve/revert", "您确实要换回较旧的版本；不加这一项只签较新的版本"),
    ("review approve/recall", "您确实要收回这个应用；不加这一项只签发布"),
    ("review approve/adopt", "部门列出的内容若只有已停用密钥的签名，也一并由您签名"),
    ("review refuse/id", "提交的编号"),
    ("review refuse/reason", "请发布部门改什么"),
    ("status/what", "应用标识或提交的编号；不写则列出您能看到的全部"),
    ("app_id", "应用标识"),
    ("channel", "通道"),
    ("logs/last", "看最新的多少份提交"),
    ("halt/reason", "为什么，写给终端前的人，也记入经过"),
    ("recall/reason", "为什么，写给终端前的人，也记入经过"),
    ("resume/reason", "为什么，记入经过"),
    ("revert/to", "要换回的那次发布的序号；不写则是最新一次之前的那次"),
    ("revert/reason", "为什么，写给签名的审核人员，也记入经过"),
    ("policy new/file", "新文件"),
    ("policy new/hall", "终端所在的大厅"),
    ("policy new/name", "终端在大厅里的名字"),
    ("policy new/sequence", "序号：要比这台终端有过的策略都大"),
    ("policy new/days", "有效多少天"),
    (
        "policy new/pin_file",
        "一个文件，第一行是工作人员的 PIN，6 到 12 位数字；只写入它的散列值。不写则没有工作人员页面",
    ),
    ("policy sign/file", "填好的策略"),
    ("policy sign/key", "运维人员的密钥，文件或 PKCS#11 URI"),
    ("policy sign/output", "签名后的策略写到哪里；不写则是旁边的 <名字>.signed.json"),
    ("policy show/file", "签名后的策略"),
    (
        "policy show/operator_key",
        "运维人员的公钥，一个写着 guichet key show 所显示内容的文件；不写则没有人为显示的内容担保",
    ),
    ("types/directory", "放这个包的文件夹，重新写出"),
    ("completions/shell", "用哪种 shell"),
    ("man/directory", "man 会查找的文件夹，例如 ~/.local/share/man；手册写到其中对应语言的部分"),
];

/// The same command with its help in Chinese.
pub(crate) fn translate(command: Command) -> Command {
    node(command, "")
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("显示版本")
                .help_heading("选项")
                .display_order(999),
        )
        .disable_version_flag(true)
}

fn node(command: Command, path: &str) -> Command {
    let arguments: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    let commands: Vec<String> = command.get_subcommands().map(|child| child.get_name().to_owned()).collect();
    let mut command = command
        .about(lookup(COMMANDS, path))
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}")
        .subcommand_help_heading("命令")
        .disable_help_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help("显示帮助")
                .display_order(998)
                .help_heading("选项"),
        );
    for name in arguments {
        let help = argument(path, &name);
        command = command.mut_arg(name, |argument| {
            let heading = if argument.is_positional() { "参数" } else { "选项" };
            argument.help(help).help_heading(heading)
        });
    }
    for name in commands {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(name, |child| node(child, &path));
    }
    command
}

fn argument(path: &str, name: &str) -> &'static str {
    let own = lookup(ARGUMENTS, &format!("{path}/{name}"));
    if own.is_empty() { lookup(ARGUMENTS, name) } else { own }
}

fn lookup(table: &[(&str, &'static str)], key: &str) -> &'static str {
    table.iter().find(|(known, _)| *known == key).map_or("", |(_, help)| help)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Args;

    #[test]
    fn every_command_and_flag_has_help_in_both_languages() {
        check(&Args::command(), "");
    }

    fn check(command: &Command, path: &str) {
        assert!(command.get_about().is_some(), "`{path}` has no help in English");
        assert!(!lookup(COMMANDS, path).is_empty(), "`{path}` has no help in Chinese");
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            assert!(argument.get_help().is_some(), "`{path}` {id} has no help in English");
            assert!(!super::argument(path, id).is_empty(), "`{path}` {id} has no help in Chinese");
        }
        for child in command.get_subcommands() {
            check(child, format!("{path} {}", child.get_name()).trim_start());
        }
    }

    #[test]
    fn the_translated_command_is_still_sound() {
        translate(Args::command()).debug_assert();
    }
}
