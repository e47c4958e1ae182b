//! What the program says on its way, in both languages, side by side.

use crate::lang::Lang;

/// A catalogue of sentences: `Name { field: Type } => "English", "中文";`. The compiler sees to it that none is missing.
macro_rules! catalogue {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $({ $($field:ident: $type:ty),* })? => $en:literal, $zh:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {
            $($variant $({ $($field: $type),* })?,)*
        }

        impl $name {
            /// The sentence in one language.
            pub(crate) fn text(&self, lang: Lang) -> String {
                match lang {
                    Lang::En => match self { $(Self::$variant $({ $($field),* })? => format!($en),)* },
                    Lang::Zh => match self { $(Self::$variant $({ $($field),* })? => format!($zh),)* },
                }
            }
        }
    };
}

pub(crate) use catalogue;

catalogue! {
    /// What the program says besides its result and its failures.
    Message {
        AskTemplate => "Logic in JavaScript (page) or Rust (component), or a page with Vite and Vue (vue)? [page]", "逻辑用 JavaScript（page）还是 Rust（component），或用 Vite 和 Vue 做页面（vue）？[page]";
        AskAppId { suggested: String } => "App id, under a prefix of your department [{suggested}]:", "应用标识，以部门的前缀开头 [{suggested}]：";
        AskName { suggested: String } => "Name of the app [{suggested}]:", "应用的名字 [{suggested}]：";
        AskHosts { suggested: String } => "Hosts it may reach, with commas between them [{suggested}]:", "它可以访问的主机，用逗号隔开 [{suggested}]：";
        ManifestMade { path: String } => "made {path} from the answers; change it there from now on", "已把回答写进 {path}；以后在那里修改";
        AnswerNotUsable { why: String } => "{why}", "{why}";
        Created { directory: String, files: usize } => "made {directory}: {files} files", "已建好 {directory}，共 {files} 个文件";
        CreatedNext { directory: String } => "next: cd {directory}, then guichet dev opens it in a window; README.md says more", "下一步：cd {directory}，再运行 guichet dev，在窗口里打开它；README.md 里有更多说明";
        CreatedNextComponent { directory: String } => "next: cd {directory}, rustup target add wasm32-unknown-unknown, then guichet dev builds the logic and opens it in a window; README.md says more", "下一步：cd {directory}，rustup target add wasm32-unknown-unknown，再运行 guichet dev，编译逻辑并在窗口里打开它；README.md 里有更多说明";
        CreatedNextVue { directory: String } => "next: cd {directory}, npm install, then guichet dev builds it and opens it in a window; README.md says more", "下一步：cd {directory}，npm install，再运行 guichet dev，构建并在窗口里打开它；README.md 里有更多说明";
        HaltedNext { app_id: String } => "no terminal takes it any more; what is installed goes on. next: guichet revert {app_id} --reason TEXT, or guichet resume {app_id}", "终端不再取用它；已经装上的照常使用。下一步：guichet revert {app_id} --reason TEXT，或 guichet resume {app_id}";
        RevertNext { id: String, to: u64 } => "proposed: the contents of release {to} again. next: reviewers sign it with guichet review approve {id} --key KEY --revert", "已提议换回第 {to} 次发布的内容。下一步：审核人员签名：guichet review approve {id} --key KEY --revert";
        RecallNext { id: String } => "proposed: to take the app back. next: reviewers sign it with guichet review approve {id} --key KEY --recall", "已提议收回这个应用。下一步：审核人员签名：guichet review approve {id} --key KEY --recall";
        PolicyMade { path: String } => "wrote {path}; fill it in, then: guichet policy sign {path} --key KEY", "已写好 {path}；填好后：guichet policy sign {path} --key KEY";
        PolicySigned { key: String, name: String } => "next: assign it to the terminal in the store's console, or lay it on the terminal, with {key} in {name} beside it", "下一步：在商店的控制台里把它交给终端；或放到终端上，旁边的 {name} 里写 {key}";
        PolicyUnjudged => "nobody vouches for what this says: give the operator's public key with --operator-key", "没有人为这些内容担保：请用 --operator-key 写明运维人员的公钥";
        Testing { tests: String } => "running the journeys in {tests}", "正在运行 {tests} 里的旅程";
        ManWritten { directory: String, pages: usize } => "wrote {pages} manual pages into {directory}; next: man guichet", "已把 {pages} 页手册写入 {directory}；下一步：man guichet";
        TypesWritten { directory: String, from: String } => "wrote the types into {directory}; next: npm install --save-dev {from}", "已把类型写入 {directory}；下一步：npm install --save-dev {from}";
        Packing { directory: String } => "packing {directory}", "正在打包 {directory}";
        CheckTheBuild => "package.json is here and app.js is not: if another tool builds this app, check what it has built with guichet check --from dist", "这里有 package.json，没有 app.js：如果应用由别的工具构建，请检查构建结果：guichet check --from dist";
        ManifestNote { note: String } => "manifest.json: {note}", "manifest.json：{note}";
        Finding { place: String, what: String, hint: String } => "{place}: {what}; {hint}", "{place}：{what}；{hint}";
        FileNotPacked { path: String } => "{path} is a symbolic link and is left out", "{path} 是符号链接，没有打包";
        DevBegins { directory: String } => "showing {directory} as it is saved; h and Enter says what can be switched", "保存一次就显示一次：{directory}；输入 h 再按回车，看可以切换什么";
        DevRepaired => "the folder can be packed again", "文件夹又可以打包了";
        DevRecords => "recording: use the app from its first page on; `stop` and Enter, or the panel, writes the journey", "开始录制：从第一页起使用应用；输入 stop 再按回车，或在面板里停止，就会写成旅程";
        DevRecorded { file: String } => "journey written to {file}; `guichet test` runs it", "旅程已写入 {file}；guichet test 会运行它";
        DevNothingRecorded => "nothing was done, so no journey was written", "什么都没有做，所以没有写旅程";
        DevUnknownWord { word: String } => "`{word}` is none of the words; h and Enter shows them", "没有“{word}”这个词；输入 h 再按回车，看都有哪些";
        PreviewOpens { minutes: u64 } => "scan it or open it on your own terminal: guichet-desktop --open ADDRESS; every save is there at once, for {minutes} minutes; q and Enter ends it", "用自己的终端扫码，或打开地址：guichet-desktop --open 地址；{minutes} 分钟内，保存一次就更新一次；输入 q 再按回车就结束";
        PreviewAsks { name: String, key: String, code: String } => "{name} ({key}) wants to be paired. If it is yours, type this code there within two minutes: {code}", "{name}（{key}）想要配对。如果是您的终端，请两分钟内在它上面输入配对码：{code}";
        PreviewPaired { name: String } => "{name} is paired from now on; guichet preview --end \"{name}\" ends that", "已与 {name} 配对；guichet preview --end \"{name}\" 可以解除";
        PreviewGiven { name: String, size: String } => "{name} has the draft ({size})", "{name} 已收到草稿（{size}）";
        PreviewLeft { name: String } => "{name} shows it no more", "{name} 不再显示";
        PreviewUnpaired { name: String, key: String } => "{name} ({key}) is not paired any more", "{name}（{key}）已解除配对";
        PreviewNobody => "This computer is paired with no terminal.", "这台电脑还没有和终端配对。";
        PreviewEnded => "the preview is over; nothing of it stays on any terminal", "预览已结束，终端上什么都没有留下";
        NotSealed { path: String } => "not sealed yet; next: guichet seal --key KEY {path}", "还没有封签；下一步：guichet seal --key KEY {path}";
        SealedNext { path: String } => "next: guichet publish {path}", "下一步：guichet publish {path}";
        ImportUnpacked { path: String, packed: String, size: String } => "{path} was compressed ({packed}) and is stored now ({size})", "{path} 原来是压缩的（{packed}），现在原样存放（{size}）";
        ImportSorted => "the entries are sorted by name now", "条目现在按名字排序";
        ImportFolder { path: String } => "the entry for the folder {path}/ was left out", "去掉了文件夹 {path}/ 的条目";
        ImportExtraFields { entries: usize } => "times and owners of {entries} entries were left out", "去掉了 {entries} 个条目的时间和所有者";
        ImportSigningBlock { size: String } => "the signing block ({size}) was left out: it does not sign what terminals here verify", "去掉了签名区（{size}）：它签的不是这里的终端要核验的";
        KeyMade { path: String } => "made a key in {path}; only you can read it. Keep a copy in a safe place, and never in version control", "已在 {path} 生成密钥，只有您能读取。请另存一份在安全的地方，不要放进版本库";
        KeyMadeOnToken => "made a key on the token; it cannot be copied off it, so have a second one listed for the day the token is lost", "已在密码钥匙里生成密钥。它无法复制出来，请再登记一把备用，以防密码钥匙丢失";
        NoKeysOnTokens => "The tokens show no keys.", "密码钥匙里看不到密钥。";
        NotForListing => "not a key that can be listed", "不是可以登记的密钥";
        AskPin { token: String } => "PIN of the token {token}:", "密码钥匙 {token} 的 PIN：";
        AskLastPin { token: String } => "PIN of the token {token} (a wrong one locks it):", "密码钥匙 {token} 的 PIN（再错一次就会锁定）：";
        KeyOpen { path: String } => "others on this machine can read {path}; run chmod 600 {path}", "这台机器上的其他人也能读取 {path}；运行 chmod 600 {path}";
        FetchingMetadata { url: String } => "checking what {url} publishes", "正在核对 {url} 发布的内容";
        FetchingPackage { id: String } => "downloading the package of {id}", "正在下载 {id} 的软件包";
        Uploading { path: String, url: String } => "sending {path} to {url}", "正在把 {path} 发送到 {url}";
        JourneysSent { count: usize } => "sent its journeys too ({count}); the store runs them while it is in review", "也发送了旅程（{count} 个文件），审核期间由商店运行";
        Checking => "sent; the store is checking it, which takes some seconds", "已发送，商店正在检查，需要几秒钟";
        PublishQuarantined => "the store holds it aside for what is marked as grave; a reviewer can let it out, or mend it and publish a higher version", "因为标为严重的问题，商店已把它隔离；审核人员可以解除，或改好后发布更高的版本";
        PublishNext { needed: u32 } => "next: reviewers of your department approve it, {needed} in all; guichet status shows where it stands", "下一步：等本部门 {needed} 位审核人员同意；guichet status 可以查看进度";
        DraftNext { id: String } => "next: guichet trial {id} --tester NAME, or guichet hand-in {id}", "下一步：guichet trial {id} --tester 姓名，或者 guichet hand-in {id}";
        TrialNext { page: String, id: String } => "next: send testers to {page}; then guichet hand-in {id}", "下一步：请试用的人打开 {page}；之后 guichet hand-in {id}";
        PublishWidens { names: String } => "it asks for what no release of it was allowed before: {names}", "它要的权限是以前的发布没有的：{names}";
        ReviewNext { id: String } => "next: guichet review show {id}, then guichet review approve {id} --key KEY", "下一步：guichet review show {id}，再运行 guichet review approve {id} --key KEY";
        QueueEmpty => "Nothing is waiting for you.", "都看完了，没有在等您的提交。";
        Whoami { name: String, role: String, department: String } => "you are {name}: {role} {department}", "您是 {name}：{role} {department}";
        NothingSubmitted => "Nothing has been submitted yet.", "还没有提交。";
        ReplayStopped { session: u64, event: u64, class: String } => "session {session} was stopped from outside its logic at event {event} ({class}) and was run up to there", "会话 {session} 在事件 {event} 处被逻辑以外的原因停下（{class}），运行到那里为止";
        ReplayOtherApps { sessions: u64 } => "{sessions} sessions of other apps were left out", "略过了其他应用的 {sessions} 个会话";
        ReplayCutShort => "the last line of the journal is not whole, as after a crash; all before it was run", "记录的最后一行不完整，像是程序中断时留下的；之前的都运行了";
        ReplayFull => "the journal was full before its sessions ended; what followed is not in it", "会话还没结束，记录就满了；后面的没有录下";
        ReplayRedacted => "personal data were kept out of this journal: logic that looks into them, rather than carrying them, goes another way", "这份记录略去了个人信息：逻辑如果要看其内容，而不只是转交，就会走另一条路";
        AskApprove { app_id: String, version: String } => "Sign the release of {app_id} {version}? [y/N]", "为 {app_id} {version} 的发布签名？[y/N]";
        Adopts { role: String, paths: String } => "you also sign for what removed keys had signed in role {role}: {paths}", "您也为角色 {role} 里已停用密钥签过的内容签名：{paths}";
        Signed { role: String, have: usize, need: u64 } => "signed role {role}: {have} of {need}", "已为角色 {role} 签名：{have}/{need}";
        Released { app_id: String, version: String, sequence: u64 } => "{app_id} {version} is released as number {sequence}", "{app_id} {version} 已发布，序号 {sequence}";
        WaitsForTheLog { app_id: String } => "approved; {app_id} is released as soon as enough witnesses have signed the store's log", "已同意；等足够的见证人为商店的日志签名，{app_id} 就会发布";
        OneMoreReviewer { have: usize, need: u32 } => "{have} of {need} reviewers have signed; another reviewer runs the same command", "{need} 位审核人员中已有 {have} 位签名；请另一位审核人员运行同样的命令";
    }
}

catalogue! {
    /// The part of a failure that says what exactly was found.
    Detail {
        NothingAnswers => "nothing answers there", "那里没有回应";
        NoSuchHost => "there is no such host", "没有这台主机";
        TooSlow => "it took too long to answer", "等了很久没有回答";
        Said { text: String } => "{text}", "{text}";
        NotAnAddress => "it is not an address", "它不是一个地址";
        NotJustHostAndPath => "it names no host, or more than a host and a path", "它没有主机，或写了主机和路径以外的东西";
        NotHttp => "it does not begin with http:// or https://", "它不是以 http:// 或 https:// 开头";
        LargerThan { bytes: u64 } => "is larger than {bytes} bytes", "大于 {bytes} 字节";
        AnsweredWith { status: String } => "is answered with {status}", "得到的回答是 {status}";
        NotBelow { place: String } => "is not below {place}", "不在 {place} 下面";
        NotPublishedYet => "is not published yet", "还没有发布";
        UnknownMembers => "members this program does not know", "有这个程序不认识的成员";
        NoUnknownMembers => "none of them", "没有这样的成员";
        OneLeftOut => "one left out", "少了一个";
        Among { sequence: u64 } => "{sequence} among them", "其中有 {sequence}";
        Above { number: u64 } => "above {number}", "大于 {number}";
        AtLeast { number: u64 } => "{number} or above", "不小于 {number}";
        TheOneListedNow => "the release that is listed now", "现在列出的发布";
        NoneHere => "none: it goes back", "没有：它要退回";
        Days { days: u64 } => "{days} days from now", "从现在起 {days} 天";
        UpToDays { days: u64 } => "at most {days} days from now", "从现在起不超过 {days} 天";
        SomethingElseToo => "something else changes too", "还改了别的";
        ThisReleaseOnly => "this release and nothing else", "只有这次发布";
    }
}

catalogue! {
    /// What of a proposal was compared.
    Field {
        ReleaseDocument => "release document", "发布文件";
        TargetPath => "target path", "目标路径";
        AppId => "app id", "应用标识";
        Version => "version", "版本";
        Container => "package", "软件包";
        Statement => "statement", "内容清单";
        Seals => "seals", "封签";
        Platform => "platform", "平台";
        Permissions => "permissions", "权限";
        Sequence => "sequence", "序号";
        Before => "release before", "上一个发布";
        Floor => "floor", "最低序号";
        Recalled => "recalled releases", "已召回的发布";
        Roles => "roles", "角色";
        RoleVersion { role: String } => "version of role {role}", "角色 {role} 的版本";
        RoleNow { role: String } => "present document of role {role}", "角色 {role} 现在的文件";
        Expiry => "expiry", "有效期";
        SecondSignature => "document for a second signature", "要第二个签名的文件";
    }
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Said { text }
    }
}
