//! The reference of the host APIs for people: docs/reference/host-apis.md.

use super::{
    ORIGIN,
    declarations::{method, typed},
    examples::Examples,
    model::{Declared, Form, Interface, Shape, World, camel, pascal, snake},
    tables::is_open,
};

/// The language of the reference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

/// What the reference is written with.
struct Writer<'a> {
    examples: &'a Examples,
    language: Language,
}

/// docs/reference/host-apis.md, and the same in Chinese.
pub(super) fn markdown(world: &World, examples: &Examples, language: Language) -> String {
    let writer = Writer { examples, language };
    let [opening, page_and_logic, plumbing] = match language {
        Language::English => [OPENING, PAGE_AND_LOGIC, PLUMBING],
        Language::Chinese => [ZH_OPENING, ZH_PAGE_AND_LOGIC, ZH_PLUMBING],
    };
    let mut text = format!("<!-- {ORIGIN} -->\n\n{opening}");
    for interface in world.imports.iter().filter(|interface| is_open(interface)) {
        text += &writer.chapter(interface);
    }
    text += page_and_logic;
    text += plumbing;
    for interface in world.imports.iter().filter(|interface| !is_open(interface)) {
        text += &format!("### `{}`\n\n{}\n\n", interface.name, writer.said(&interface.name, &interface.docs));
        for function in &interface.functions {
            let said = writer.line(&format!("{}.{}", interface.name, function.name), &function.docs);
            text += &format!("- `{}`: {said}\n", function.name);
        }
        text += "\n";
    }
    text.trim_end().to_owned() + "\n"
}

impl Writer<'_> {
    /// A sentence of the WIT in the language of the reference.
    fn said(&self, place: &str, docs: &str) -> String {
        match self.language {
            Language::English => docs.to_owned(),
            Language::Chinese => self.examples.chinese(place),
        }
    }

    fn line(&self, place: &str, docs: &str) -> String {
        one_line(&self.said(place, docs))
    }

    fn pick<'t>(&self, english: &'t str, chinese: &'t str) -> &'t str {
        if self.language == Language::English { english } else { chinese }
    }

    fn chapter(&self, interface: &Interface) -> String {
        let name = &interface.name;
        let mut text = format!("## `guichet.{}`\n\n{}\n\n", camel(name), self.said(name, &interface.docs));
        text += "| JavaScript | Rust | |\n| --- | --- | --- |\n";
        for function in &interface.functions {
            let rust = match function.shape {
                Shape::Call { .. } => format!("`{}::{}(…).await`", snake(name), snake(&function.name)),
                Shape::Tell => format!("`{}`", snake(name)),
            };
            text += &format!(
                "| `{}` | {rust} | {} |\n",
                method(function).trim_end_matches(';').replace('|', "\\|"),
                self.line(&format!("{name}.{}", function.name), &function.docs)
            );
        }
        text += "\n";
        for declared in &interface.types {
            text += &self.named(name, declared);
        }
        for function in &interface.functions {
            text += &format!("### `{}.{}`\n\n", camel(name), camel(&function.name));
            text += &self.examples.blocks(name, &function.name);
        }
        text
    }

    fn named(&self, interface: &str, declared: &Declared) -> String {
        let name = format!("`{}.{}`", pascal(interface), pascal(&declared.name));
        let place = format!("{interface}.{}", declared.name);
        let docs =
            if declared.docs.is_empty() { String::new() } else { format!(" {}", self.line(&place, &declared.docs)) };
        match &declared.form {
            Form::Record(fields) => {
                let head = self.pick("| member | type | |", "| 成员 | 类型 | |");
                let mut text = format!("{name}:{docs}\n\n{head}\n| --- | --- | --- |\n");
                for field in fields {
                    let kind = field.kind.as_ref().map(typed).unwrap_or_default().replace('|', "\\|");
                    let said = self.line(&format!("{place}.{}", field.name), &field.docs);
                    text += &format!("| `{}` | `{kind}` | {said} |\n", camel(&field.name));
                }
                text + "\n"
            }
            Form::Enum(cases) => format!(
                "{name}: {}.{docs}\n\n",
                cases.iter().map(|case| format!("`{case}`")).collect::<Vec<_>>().join(", ")
            ),
            Form::Variant(cases) => {
                let kinds: Vec<_> = cases
                    .iter()
                    .filter_map(|case| case.kind.as_ref())
                    .map(|kind| format!("`{}`", typed(kind)))
                    .collect();
                format!("{name}: {}.{docs}\n\n", kinds.join(self.pick(" or ", " 或 ")))
            }
            Form::Alias => String::new(),
        }
    }
}

fn one_line(docs: &str) -> String {
    docs.split_whitespace().collect::<Vec<_>>().join(" ")
}

const OPENING: &str = "# Host APIs

What a MiniApp may ask of its host, in logic and in pages alike. JavaScript sees the object `guichet` (types:
[guichet.d.ts](../../host-apis/types/index.d.ts)), Rust the library
[guichet-guest](../../host-apis/guest/README.md); both are made from the [WIT](../../host-apis/wit/world.wit). Below each
interface stands an example of each function, first in JavaScript, then in Rust. A test runs every one of them in the real
engine; what stands behind `// →` is what it brought. 中文版：[宿主 API](host-apis.zh-Hans.md)

A call that brings nothing rejects with an `Error` whose `name` says why:

| name | means |
| --- | --- |
| `DeniedError` | A permission is missing; the message names it and the manifest line that would ask for it. |
| `UnavailableError` | The device cannot do this now; the message says what to do. |
| `InvalidError` | The arguments cannot be right; the message says which and why. |

Where an interface names its failures, `error.class` is the one it is, such as `print/unsupported` ([all classes](refusals.md#requests-of-apps)); in Rust `Failure::class`. The message begins with it.

Logic is a function of its events: time stands still while one is handled, and `Math.random` follows the seed of the
launch. So nothing can be asked of the host before `launched`: at the top level of `app.js` it is the year 1970 and every
call is refused. One event may take half a second and put out 4 MiB; logic may hold 64 MiB and 256 calls at once.

The modules of `app.js` are loaded once, when the app is installed; every launch goes on from there. So at the top of a module the time is 0 (`Date.now()` in 1970), `Math.random()` rolls the same
numbers everywhere, and no call can start. Do such work in `launched` or in a handler.

A page may send 2 000 messages a second, each of up to 4 MiB, 10 MiB of them a second and 4 MiB under way at once. Calls and questions beyond that wait in the page; lines for
the log beyond that are dropped, and the log says so. An app keeps at most 16 384 keys in `storage`, however little is under each.

";

const PAGE_AND_LOGIC: &str = "## Page and logic

| where | JavaScript | |
| --- | --- | --- |
| page | `guichet.logic.call(name, input)` | Calls the handler of this name in the logic and brings its answer; what it throws becomes an `Error`. |
| logic | `guichet.page.update(patch)` | Merges a patch (RFC 7396) into the state that every page of the app sees. |
| page | `guichet.page.state` | The state, as all patches so far made it. |
| page | `guichet.page.addEventListener(\"update\", listener)` | Hears of every patch: `event.detail` is the new state, `event.patch` the patch. |
| both | `fetch(url, init)` | As in a browser, carried by `guichet.network`: declared hosts, https, no cookies, no streams. In pages `XMLHttpRequest` too, and files of the package as ever. What cannot be rejects with a `TypeError` whose `cause` is the failure. |
| both | `guichet.lang` | The language in use, a BCP 47 tag. |

";

const PLUMBING: &str = "## What the runtime is made of

Logic in JavaScript sees these as `setTimeout` and `clearTimeout`, as `guichet.page.update` and as the answers of its
handlers; a component may import them as they are.

";

const ZH_OPENING: &str = "# 宿主 API

小程序可以向宿主要什么，逻辑和页面里都一样。JavaScript 看到的是对象 `guichet`（类型：[guichet.d.ts](../../host-apis/types/index.d.ts)），Rust 用库
[guichet-guest](../../host-apis/guest/README.md)；两者都由 [WIT](../../host-apis/wit/world.wit) 生成。每个接口下面，每个函数有一个例子，先是 JavaScript，后是 Rust。每个例子都有测试在真正的引擎里
运行；`// →` 后面写的就是它得到的结果。English: [Host APIs](host-apis.md)

得不到结果的调用以一个 `Error` 拒绝，`name` 说明原因：

| 名字 | 意思 |
| --- | --- |
| `DeniedError` | 缺少权限；消息写明是哪一项，应用清单里要怎样写。 |
| `UnavailableError` | 设备现在做不到；消息写明怎么办。 |
| `InvalidError` | 参数不可能对；消息写明哪一个、为什么。 |

逻辑是它收到的事件的函数：处理一个事件时时间静止，`Math.random` 跟随这次启动的种子。所以 `launched` 之前什么都要不到：在 `app.js` 的最外层，时间是 1970 年，调用一律被拒绝。
一个事件最多处理半秒，最多输出 4 MiB；逻辑最多占 64 MiB 内存，同时最多有 256 个调用。

`app.js` 的模块在安装时载入一次，每次启动都从那里接着走。所以在模块的最外层，时间是 0（`Date.now()` 在 1970 年），`Math.random()` 处处是同样的数，也不能开始调用。这些事请放在 `launched` 或处理函数里。

一页每秒最多发 2 000 条消息，每条最多 4 MiB，合计每秒 10 MiB、同时 4 MiB。超出的调用和提问在页面里等；超出的日志行会丢掉，日志里会写明。一个应用在 `storage` 里最多 16 384 个键，不论内容多小。

";

const ZH_PAGE_AND_LOGIC: &str = "## 页面与逻辑

| 在哪里 | JavaScript | |
| --- | --- | --- |
| 页面 | `guichet.logic.call(name, input)` | 调用逻辑里这个名字的处理函数，带回它的回答；它抛出的变成 `Error`。 |
| 逻辑 | `guichet.page.update(patch)` | 把补丁（RFC 7396）并入应用每一页都看得到的状态。 |
| 页面 | `guichet.page.state` | 到目前为止所有补丁合成的状态。 |
| 页面 | `guichet.page.addEventListener(\"update\", listener)` | 每个补丁都会听到：`event.detail` 是新状态，`event.patch` 是补丁。 |
| 两边 | `fetch(url, init)` | 和浏览器里一样，由 `guichet.network` 承担：只到写明的主机，https，没有 cookie，没有流。页面里还有 `XMLHttpRequest`，以及包里的文件。做不到的以 `TypeError` 拒绝，`cause` 是失败的原因。 |
| 两边 | `guichet.lang` | 正在用的语言，BCP 47 标签。 |

";

const ZH_PLUMBING: &str = "## 运行时由什么组成

JavaScript 的逻辑看到的是 `setTimeout` 和 `clearTimeout`、`guichet.page.update`，以及处理函数的回答；组件可以直接导入它们。

";
