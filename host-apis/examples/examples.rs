//! One example for each host function, as the reference shows it. The test guest runs them.

use guichet_guest::{Failure, app_info, navigation, network, storage};

/// Every example, by the name of its function.
pub async fn run(name: &str) -> Result<(), Failure> {
    match name {
        "storage.get" => storage_get().await,
        "storage.set" => storage_set().await,
        "storage.remove" => storage_remove().await,
        "storage.keys" => storage_keys().await,
        "network.fetch" => network_fetch().await,
        "navigation.navigate" => navigation_navigate().await,
        "navigation.redirect" => navigation_redirect().await,
        "navigation.back" => navigation_back().await,
        "app-info.get" => app_info_get().await,
        "log.write" => log_write().await,
        _ => Err(Failure::Invalid(format!("there is no example `{name}`"))),
    }
}

async fn storage_get() -> Result<(), Failure> {
    let draft = storage::get("draft").await?;
    assert!(draft.is_none(), "nothing yet");
    Ok(())
}

async fn storage_set() -> Result<(), Failure> {
    storage::set("draft", &"18 Mill Lane".into()).await?;
    storage::set("photo", &vec![137, 80, 78, 71].into()).await?;
    let draft = storage::get("draft").await?;
    assert!(matches!(draft, Some(storage::Value::Text(text)) if text == "18 Mill Lane"));
    Ok(())
}

async fn storage_remove() -> Result<(), Failure> {
    storage::set("draft", &"18 Mill Lane".into()).await?;
    storage::remove("draft").await?;
    assert!(storage::get("draft").await?.is_none());
    Ok(())
}

async fn storage_keys() -> Result<(), Failure> {
    storage::set("report/2", &"a bench".into()).await?;
    storage::set("report/1", &"a light".into()).await?;
    assert_eq!(storage::keys("report/").await?, ["report/1", "report/2"]);
    Ok(())
}

async fn network_fetch() -> Result<(), Failure> {
    let request = network::Request {
        method: "POST".to_owned(),
        url: "https://data.example/reports".to_owned(),
        headers: vec![network::Header { name: "content-type".to_owned(), value: "application/json".to_owned() }],
        body: Some(network::Body::Text(r#"{"place":"18 Mill Lane"}"#.to_owned())),
        redirect: None,
    };
    let response = network::fetch(&request).await?;
    assert_eq!(response.status, 201);
    Ok(())
}

async fn navigation_navigate() -> Result<(), Failure> {
    navigation::navigate("pages/form?case=7").await
}

async fn navigation_redirect() -> Result<(), Failure> {
    navigation::redirect("pages/list").await
}

async fn navigation_back() -> Result<(), Failure> {
    navigation::navigate("pages/form").await?;
    navigation::back().await
}

async fn app_info_get() -> Result<(), Failure> {
    let info = app_info::get().await?;
    assert_eq!(info.version_name, "1.0.0");
    Ok(())
}

async fn log_write() -> Result<(), Failure> {
    guichet_guest::log::info("three drafts found");
    Ok(())
}
