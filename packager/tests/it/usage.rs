//! Help, wrong usage, and what scripts rely on.

use crate::program::Desk;

#[test]
fn help_names_every_command() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.ok(&["-h"]), @r"
    Makes MiniApps, packs and seals them, and takes them through review

    Usage: guichet [OPTIONS] <COMMAND>

    Commands:
      new          Make the folder of a new app
      build        Pack a folder into one file, the same bytes everywhere
      dev          Show a folder in a window as it is, and every change as it is saved
      preview      Show a folder on your own paired terminal, as it is saved
      check        Say all that a store would, with places and what to do
      doctor       Look at this machine, and say how to get what it lacks
      test         Run the journeys of an app: what people do with it, and what they see
      key          Make or show a key
      seal         Seal a package that was built without a key
      verify       Judge a package as a store or a terminal would
      inspect      Show what a package contains and asks for
      diff         Show what a package may do and contains that another did not
      import       Take over a package of another tool, written anew in our form
      address      Write the address of an app or of one of its pages, for a link or a QR code
      replay       Run the logic of recorded sessions again, and find the first output that differs
      publish      Submit a package to the store
      hand-in      Hand a draft in, or again what was changed or explained
      trial        Let people at the store try a draft out
      withdraw     Take a submission back; it is a draft again
      archive      Put a submission away
      review       Decide on what others have submitted
      status       Show where submissions stand
      logs         Show what has happened to an app at the store, step by step
      halt         Hold the newest release back, at once
      resume       Let releases go on that were halted
      revert       Propose to go back to the contents of an earlier release [alias: rollback]
      recall       Propose to take an app back from every terminal
      policy       Say what a terminal of a hall is for
      schema       Write the JSON Schema of manifest.json, for editors
      types        Write the types of the host APIs, as a package for npm
      completions  Write what a shell needs to complete commands and flags
      man          Write a manual page for each command

    Options:
          --json         Print one JSON document instead of text
          --lang <LANG>  The language of messages; otherwise the terminal's [possible values: zh, en]
      -h, --help         Print help (see more with '--help')
      -V, --version      Print version
    ");
    insta::assert_snapshot!(desk.ok(&["--lang", "zh", "-h"]), @r"
    制作小程序，打包、封签，并送审发布。

    用法：guichet [OPTIONS] <COMMAND>

    命令:
      new          新建一个应用的文件夹
      build        把文件夹打成一个包，在任何机器上字节都相同
      dev          在窗口里显示文件夹现在的样子，每保存一次就显示一次
      preview      在您自己配对的终端上显示文件夹，每保存一次就更新一次
      check        说出商店会说的一切，指明位置和改法
      doctor       看看这台机器，缺什么就说明怎么补上
      test         运行应用的旅程：人们用它做什么、看到什么
      key          生成或查看密钥
      seal         为没有带密钥打的包封签
      verify       像商店和终端那样核验一个包
      inspect      查看包里有什么、要什么权限
      diff         比较两个包：能做的、带的有什么不同
      import       接收别的工具打的包，按本平台的写法重新写出
      address      写出一个应用或它某一页的地址，可以做成链接或二维码
      replay       把录下的会话里的逻辑再运行一遍，找出第一处不同的输出
      publish      把包提交给商店
      hand-in      提交草稿，或者把改好、说明过的再交一次
      trial        让商店里的人试用草稿
      withdraw     撤回提交，变回草稿
      archive      把提交归档
      review       审核别人的提交
      status       查看提交进行到哪一步
      logs         逐步列出一个应用在商店里经过了什么
      halt         马上暂停最新的发布
      resume       让暂停的发布恢复
      revert       提议换回较早一次发布的内容 [alias: rollback]
      recall       提议从所有终端收回一个应用
      policy       写明大厅里的一台终端是做什么用的
      schema       写出 manifest.json 的 JSON Schema，供编辑器使用
      types        写出宿主 API 的类型，是一个 npm 能装的包
      completions  写出命令行补全脚本，供 shell 补全命令和选项
      man          为每个命令写一页手册

    选项:
          --json         输出一份 JSON，而不是文字
          --lang <LANG>  消息的语言；不写则跟随终端 [possible values: zh, en]
      -h, --help         显示帮助
      -V, --version      显示版本
    ");
}

#[test]
fn help_of_a_command_names_its_flags_and_environment() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.ok(&["review", "approve", "-h"]), @r"
    Check a submission on this machine and sign its release

    Usage: guichet review approve [OPTIONS] --key <KEY> <ID>

    Arguments:
      <ID>  The submission's id

    Options:
          --key <KEY>      Your reviewer's key, a file or a PKCS#11 URI [env: GUICHET_REVIEWER_KEY=]
          --trust <FILE>   The store's trust file, as you were given it [env: GUICHET_TRUST=] [default: guichet.trust.json]
          --yes            Sign without asking
          --revert         You mean to go back to an earlier version; without it only newer ones are signed
          --recall         You mean to take the app back; without it only releases are signed
          --adopt          Sign also for what the department lists under signatures of keys that were removed
          --store <URL>    The store's address [env: GUICHET_STORE_URL=] [default: http://127.0.0.1:8480]
          --token <TOKEN>  Your token at the store; better set in the environment, where other programs cannot read it [env: GUICHET_TOKEN]
          --json           Print one JSON document instead of text
          --lang <LANG>    The language of messages; otherwise the terminal's [possible values: zh, en]
      -h, --help           Print help (see more with '--help')
    ");
    insta::assert_snapshot!(desk.ok(&["build", "-h"]), @r"
    Pack a folder into one file, the same bytes everywhere

    Usage: guichet build [OPTIONS] [DIR]

    Arguments:
      [DIR]  The app's folder, with its manifest.json [default: .]

    Options:
      -o, --output <FILE>  Where to write the package; otherwise dist/<app-id>-<code>.ma in the app's folder
          --key <KEY>      The publisher's key to seal with, a file or a PKCS#11 URI; without one the package stays unsealed [env: GUICHET_KEY=]
          --check <FILE>   Write nothing and prove that this package is the build of the folder
          --from <DIR>     Pack what another tool (Vite, webpack …) has built into this folder; the manifest is made if there is none
          --app-id <ID>    For the manifest: the app's id, under a prefix of your department
          --name <NAME>    For the manifest: the app's name; otherwise the title of its first page
          --icon <PATH>    For the manifest: a picture in the build, as the app's icon
          --domain <HOST>  For the manifest: a host that the app may reach; may be given more than once
          --yes            Ask nothing; what is not given is chosen, but for hosts
          --json           Print one JSON document instead of text
          --lang <LANG>    The language of messages; otherwise the terminal's [possible values: zh, en]
      -h, --help           Print help (see more with '--help')
    ");
}

#[test]
fn help_never_shows_a_token() {
    let desk = Desk::new();
    let output = desk.command(&["publish", "--help"]).env("GUICHET_TOKEN", "very-secret").output().unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains("very-secret"));
}

#[test]
fn wrong_usage_is_64() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.run(&["bild"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error: unrecognized subcommand 'bild'

      tip: a similar subcommand exists: 'build'

    Usage: guichet [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(desk.run(&["--json", "new"]), @r#"
    exit: 64
    ----- stdout
    {
      "class": "usage/arguments",
      "what": "the following required arguments were not provided: <DIR>",
      "hint": "guichet --help"
    }
    ----- stderr
    "#);
    insta::assert_snapshot!(desk.run(&["new", "app", "--app-id", "Repairs"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error: invalid value 'Repairs' for '--app-id <ID>': `Repairs` is not an app id: two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(desk.run(&["new", "app"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/nobody-to-ask]: there is no terminal to ask on, and no --app-id was given
      hint: give --app-id, or --yes to take what the program would suggest
    ");
    insta::assert_snapshot!(desk.run(&["verify", "app.ma"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/nothing-to-judge-by]: nothing says which publisher keys the seal is to be judged by
      hint: give --trust guichet.trust.json or --keys FILE, or --unsealed to judge all but the seal
    ");
    insta::assert_snapshot!(desk.run(&["status"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/no-token]: no token was given, and the store asks who you are
      hint: set GUICHET_TOKEN to the token an administrator of the store gave you
    ");
    insta::assert_snapshot!(desk.run(&["status", "--token", "t", "--store", "localhost"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/store-address]: the store's address `localhost` cannot be used: it does not begin with http:// or https://
      hint: write it like http://127.0.0.1:[PORT]
    ");
    insta::assert_snapshot!(desk.run(&["review", "approve", "1", "--key", "k", "--token", "t"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/nobody-to-confirm]: there is no terminal to ask on, and nothing is signed without a yes
      hint: look at it with guichet review show 1, then give --yes
    ");
}
