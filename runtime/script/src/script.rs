//! One app's JavaScript: loaded once, then given event after event.

use rquickjs::{
    ArrayBuffer, BigInt, Context, Ctx, Error, Exception, Function, IntoJs, Module, Object, Persistent, Runtime, TypedArray, Value,
    context::EvalOptions, convert::List, function::Opt,
};

use crate::bindings::exports::guichet::app::logic::{Event, PagePhase, Phase};
use crate::convert::Native;
use crate::{modules::Package, natives, report};

/// The file of the package that is the app's logic.
const MAIN: &str = "app.js";
/// QuickJS's default equals the whole WebAssembly shadow stack, so that the first call would fail.
const STACK_BYTES: usize = 384 << 10;

/// A QuickJS runtime with the prelude and the app inside.
pub(crate) struct Script {
    context: Context,
    /// What prelude.js returned: the functions that take events.
    hooks: Persistent<Object<'static>>,
    _runtime: Runtime,
}

impl Script {
    /// Makes a runtime that holds only the prelude.
    pub(crate) fn new() -> Result<Self, String> {
        let runtime = Runtime::new().map_err(|error| error.to_string())?;
        runtime.set_max_stack_size(STACK_BYTES);
        let package = Package::default();
        runtime.set_loader(package.clone(), package);
        let context = Context::full(&runtime).map_err(|error| error.to_string())?;
        let hooks = context.with(|ctx| {
            let hooks = prelude(&ctx).map_err(|error| format!("{error}: {:?}", ctx.catch()))?;
            Ok::<_, String>(Persistent::save(&ctx, hooks))
        })?;
        let tracked = hooks.clone();
        runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
            let told = tracked.clone().restore(&ctx).and_then(|hooks| hooks.get::<_, Function>("rejected"));
            if let Err(error) = told.and_then(|rejected| rejected.call::<_, ()>((promise, reason, handled))) {
                report(format!("a rejection was lost: {error}"));
            }
        })));
        Ok(Self { context, hooks, _runtime: runtime })
    }

    /// Evaluates the app's modules; the error is what was thrown, with its stack.
    pub(crate) fn boot(&self) -> Result<(), String> {
        self.context.with(|ctx| {
            let load = || {
                let source = crate::bindings::guichet::app::modules::source(MAIN)
                    .ok_or_else(|| Exception::throw_message(&ctx, "the package has no app.js"))?;
                let (module, evaluated) = Module::declare(ctx.clone(), MAIN, source)?.eval()?;
                match evaluated.finish::<()>() {
                    Err(Error::WouldBlock) => {
                        return Err(Exception::throw_message(&ctx, "app.js still waits at its top level (`await`), and nothing can complete before `launched`"));
                    }
                    other => other?,
                }
                self.hook(&ctx, "loaded")?.call::<_, ()>((module.namespace()?,))?;
                while ctx.execute_pending_job() {}
                self.hook(&ctx, "settle")?.call::<_, ()>(())
            };
            load().map_err(|error| self.describe(&ctx, &error))
        })
    }

    /// Delivers an event and runs until nothing is left to do.
    pub(crate) fn handle(&self, event: Event) {
        self.context.with(|ctx| {
            let deliver = || {
                self.deliver(&ctx, event)?;
                while ctx.execute_pending_job() {}
                self.hook(&ctx, "settle")?.call::<_, ()>(())
            };
            if let Err(error) = deliver() {
                report(self.describe(&ctx, &error));
            }
        });
    }

    fn deliver<'js>(&self, ctx: &Ctx<'js>, event: Event) -> rquickjs::Result<()> {
        let hook = |name| self.hook(ctx, name);
        match event {
            Event::Launched(launch) => {
                let seed = |half| BigInt::from_u64(ctx.clone(), half);
                let seed = (seed(launch.seed.0)?, seed(launch.seed.1)?);
                let from = List((launch.dir, launch.referrer));
                hook("launched")?.call((launch.route, launch.query, launch.lang, seed.0, seed.1, from))
            }
            Event::Phase(phase) => hook("phase")?.call((match phase {
                Phase::Shown => "shown",
                Phase::Hidden => "hidden",
                Phase::Unloaded => "unloaded",
            },)),
            Event::Page(page) => {
                let phase = match page.phase {
                    PagePhase::Loaded => "pageLoaded",
                    PagePhase::Ready => "pageReady",
                    PagePhase::Shown => "pageShown",
                    PagePhase::Hidden => "pageHidden",
                    PagePhase::Unloaded => "pageUnloaded",
                };
                hook("page")?.call((phase, page.page, page.route, page.query))
            }
            Event::Asked(question) => hook("asked")?.call((question.id, question.page, question.name, question.input)),
            Event::Completed(call) => hook("completed")?.call((call,)),
        }
    }

    fn hook<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        self.hooks.clone().restore(ctx)?.get(name)
    }

    /// What was thrown, in the prelude's words.
    fn describe(&self, ctx: &Ctx<'_>, error: &Error) -> String {
        if !error.is_exception() {
            return error.to_string();
        }
        let thrown = ctx.catch();
        let described = self.hook(ctx, "describe").and_then(|describe| describe.call::<_, List<(String, String)>>((thrown,)));
        match described {
            Ok(List((message, stack))) if stack.is_empty() => message,
            Ok(List((message, stack))) => format!("{message}\n{stack}"),
            Err(_) => "an exception that cannot be described; the app may be out of memory".to_owned(),
        }
    }
}

fn prelude<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let named = |name: &str| {
        let mut options = EvalOptions::default();
        options.filename = Some(format!("guichet:{name}"));
        options
    };
    let prelude: Function = ctx.eval_with_options(include_str!("prelude.js"), named("prelude"))?;
    let api: Object = ctx.eval_with_options(include_str!("api.js"), named("api"))?;
    let fetch: Function = ctx.eval_with_options(include_str!("fetch.js"), named("fetch"))?;
    prelude.call((natives::table(ctx)?, api, text(ctx)?, fetch))
}

/// What `TextEncoder` and `TextDecoder` are made of; QuickJS has neither.
fn text<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let text = Object::new(ctx.clone())?;
    let encode = |ctx: Ctx<'js>, text: String| TypedArray::new_copy(ctx, text.as_bytes());
    let decode = |ctx: Ctx<'js>, value: Opt<Value<'js>>, fatal: bool| {
        let bytes = value.0.and_then(bytes_of).unwrap_or_default();
        match String::from_utf8(bytes) {
            Ok(text) => text.into_js(&ctx),
            Err(_) if fatal => Err(Exception::throw_type(&ctx, "the bytes are not UTF-8")),
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into_js(&ctx),
        }
    };
    text.set("encode", Function::new(ctx.clone(), encode)?)?;
    text.set("decode", Function::new(ctx.clone(), decode)?)?;
    Ok(text)
}

fn bytes_of(value: Value<'_>) -> Option<Vec<u8>> {
    match ArrayBuffer::from_value(value.clone()) {
        Some(buffer) => Native::from_script(&TypedArray::<u8>::from_arraybuffer(buffer).ok()?.into_value()),
        None => Native::from_script(&value),
    }
}
