//! A guest that stores, waits, asks and answers, and one handler for each way to break a limit or the contract.

/// Those of the reference.
#[path = "../../../../../host-apis/examples/examples.rs"]
mod examples;

use guichet_guest::bindings::guichet::app::{calls, storage as raw};
use guichet_guest::{App, Asked, Failure, Launch, PageEvent, app_info, log, navigation, now_ms, page, random_u64, spawn, storage, timer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

guichet_guest::export!(|| {
    App::new()
        .launched(launched)
        .phase(|phase| async move { log::info(&format!("{phase:?}")) })
        .page(seen)
        .handler("count", count)
        .handler("example", example)
        .handler("bytes", bytes)
        .handler("leave", leave)
        .handler("whoami", whoami)
        .handler("add", add)
        .handler_for_page("from", |asked: Asked<Value>| async move { Ok::<_, String>(asked.page) })
        .handler("twice", twice)
        .handler("hurry", hurry)
        .handler("dice", |(): ()| async { Ok::<_, String>(json!([random_u64().to_string(), now_ms()])) })
        .handler("panic", fail)
        .handler("spin", spin)
        .handler("hoard", hoard)
        .handler("dig", |depth: u64| async move { Ok::<_, String>(dig(depth)) })
        .handler("take-again", take_again)
        .handler("take-other", take_other)
        .handler("take-early", take_early)
});

/// What becomes of it stands in the console: the page that asks may be gone by then.
async fn example(name: String) -> Result<(), Failure> {
    spawn(async move {
        match examples::run(&name).await {
            Ok(()) => log::info("example: done"),
            Err(failure) => log::info(&format!("example: {failure}")),
        }
    });
    Ok(())
}

async fn launched(launch: Launch) {
    log::info(&format!("launched {} {} {}", launch.route, launch.query, launch.lang));
}

async fn seen(event: PageEvent) {
    page::update(&json!({ "page": event.page, "route": event.route, "phase": format!("{:?}", event.phase) }));
}

async fn count(_: Value) -> Result<u32, Failure> {
    let next = match storage::get("count").await? {
        Some(storage::Value::Text(text)) => text.parse().unwrap_or(0) + 1,
        _ => 1,
    };
    storage::set("count", &next.to_string().into()).await?;
    timer::after(250).await;
    page::update(&json!({ "count": next }));
    Ok(next)
}

async fn bytes(_: Value) -> Result<Vec<u8>, Failure> {
    storage::set("bytes", &vec![0, 255, 7].into()).await?;
    match storage::get("bytes").await? {
        Some(storage::Value::Bytes(bytes)) => Ok(bytes),
        other => Err(Failure::Invalid(format!("{other:?}"))),
    }
}

async fn leave(_: Value) -> Result<(), Failure> {
    navigation::navigate("admin").await
}

async fn whoami(_: Value) -> Result<String, Failure> {
    app_info::get().await.map(|info| format!("{} {}", info.app_id, info.version_code))
}

#[derive(Deserialize)]
struct Sum {
    a: u32,
    b: u32,
}

#[derive(Serialize)]
struct Total {
    total: u32,
}

async fn add(sum: Sum) -> Result<Total, String> {
    sum.a.checked_add(sum.b).map(|total| Total { total }).ok_or_else(|| "the sum is too large".to_owned())
}

/// Two tasks at once: the second answers through the page's state.
async fn twice(_: Value) -> Result<&'static str, Failure> {
    spawn(async {
        timer::after(2).await;
        page::update(&json!({ "spawned": true }));
    });
    timer::after(1).await;
    Ok("first")
}

/// Drops a call that it has started.
async fn hurry(_: Value) -> Result<&'static str, Failure> {
    let slow = Box::pin(timer::after(60_000));
    let mut slow = Some(slow);
    std::future::poll_fn(|context| {
        if let Some(slow) = &mut slow {
            let _ = slow.as_mut().poll(context);
        }
        slow = None;
        std::task::Poll::Ready(())
    })
    .await;
    Ok("did not wait")
}

async fn fail(text: String) -> Result<(), String> {
    panic!("{text}");
}

async fn spin(_: Value) -> Result<(), String> {
    loop {
        std::hint::black_box(());
    }
}

async fn hoard(_: Value) -> Result<(), String> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

#[expect(unconditional_recursion, reason = "what the test is about")]
fn dig(depth: u64) -> u64 {
    let below = dig(std::hint::black_box(depth + 1));
    std::hint::black_box(&below) + 1
}

async fn take_again(_: Value) -> Result<(), Failure> {
    storage::get("count").await?;
    Ok(raw::get_result(1).map(drop)?)
}

async fn take_other(_: Value) -> Result<(), Failure> {
    let call = raw::get("count");
    calls::forget(call);
    Ok(raw::get_result(call).map(drop)?)
}

async fn take_early(_: Value) -> Result<(), Failure> {
    Ok(raw::get_result(raw::get("count")).map(drop)?)
}
