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

catalogue! {
    /// What the program says besides its result and its failures.
    Message {
        AskTemplate => "Logic in JavaScript (page) or Rust (component)? [page]", "逻辑用 JavaScript（page）还是 Rust（component）？[page]";
        AskAppId { suggested: String } => "App id, under a prefix of your department [{suggested}]:", "应用标识，以部门的前缀开头 [{suggested}]：";
        AnswerNotUsable { why: String } => "{why}", "{why}";
        Created { directory: String, files: usize } => "made {directory}: {files} files", "已建好 {directory}，共 {files} 个文件";
        CreatedNext { directory: String } => "next: cd {directory}, read README.md, then guichet build", "下一步：cd {directory}，看 README.md，再运行 guichet build";
        CreatedNextComponent { directory: String } => "next: cd {directory}, build the logic as README.md says, then guichet build", "下一步：cd {directory}，照 README.md 编译逻辑，再运行 guichet build";
        Packing { directory: String } => "packing {directory}", "正在打包 {directory}";
        ManifestNote { note: String } => "manifest.json: {note}", "manifest.json：{note}";
        FileNotPacked { path: String } => "{path} is a symbolic link and is left out", "{path} 是符号链接，没有打包";
        NotSealed { path: String } => "not sealed yet; next: guichet seal --key KEY {path}", "还没有封签；下一步：guichet seal --key KEY {path}";
        SealedNext { path: String } => "next: guichet publish {path}", "下一步：guichet publish {path}";
        KeyMade { path: String } => "made a key in {path}; only you can read it. Keep a copy in a safe place, and never in version control", "已在 {path} 生成密钥，只有您能读取。请另存一份在安全的地方，不要放进版本库";
        KeyOpen { path: String } => "others on this machine can read {path}; run chmod 600 {path}", "这台机器上的其他人也能读取 {path}；运行 chmod 600 {path}";
        FetchingMetadata { url: String } => "checking what {url} publishes", "正在核对 {url} 发布的内容";
        FetchingPackage { id: String } => "downloading the package of {id}", "正在下载 {id} 的软件包";
        Uploading { path: String, url: String } => "sending {path} to {url}", "正在把 {path} 发送到 {url}";
        PublishNext { needed: u32 } => "next: {needed} reviewer(s) of your department approve it; guichet status shows where it stands", "下一步：等本部门 {needed} 位审核人同意；guichet status 可以查看进度";
        PublishWidens { names: String } => "it asks for more than the last release was allowed: {names}", "它要的权限比上一次发布多：{names}";
        ReviewNext { id: String } => "next: guichet review show {id}, then guichet review approve {id} --key KEY", "下一步：guichet review show {id}，再运行 guichet review approve {id} --key KEY";
        QueueEmpty => "Nothing is waiting for you.", "都看完了，没有在等您的提交。";
        Whoami { name: String, role: String, department: String } => "you are {name}: {role} {department}", "您是 {name}：{role} {department}";
        NothingSubmitted => "Nothing has been submitted yet.", "还没有提交。";
        AskApprove { app_id: String, version: String } => "Sign the release of {app_id} {version}? [y/N]", "为 {app_id} {version} 的发布签名？[y/N]";
        Signed { role: String, have: usize, need: u64 } => "signed role {role}: {have} of {need}", "已为角色 {role} 签名：{have}/{need}";
        Released { app_id: String, version: String, sequence: u64 } => "{app_id} {version} is released as number {sequence}", "{app_id} {version} 已发布，序号 {sequence}";
        OneMoreReviewer { have: usize, need: u32 } => "{have} of {need} reviewers have signed; another reviewer runs the same command", "{need} 位审核人中已有 {have} 位签名；请另一位审核人运行同样的命令";
    }
}
