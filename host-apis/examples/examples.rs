//! One example for each host function, as the reference shows it. The test guest runs them.

use guichet_guest::{
    Failure, app_info, card, clipboard, code, files, navigation, network, notify, open_app, print, scan, speech,
    storage, telemetry,
};

/// Every example, by the name of its function.
pub async fn run(name: &str) -> Result<(), Failure> {
    match name {
        "storage.get" => storage_get().await,
        "storage.set" => storage_set().await,
        "storage.remove" => storage_remove().await,
        "storage.keys" => storage_keys().await,
        "network.fetch" => network_fetch().await,
        "print.printers" => print_printers().await,
        "print.submit" => print_submit().await,
        "print.status" => print_status().await,
        "print.cancel" => print_cancel().await,
        "card.readers" => card_readers().await,
        "card.wait-for" => card_wait_for().await,
        "card.connect" => card_connect().await,
        "card.exchange" => card_exchange().await,
        "card.disconnect" => card_disconnect().await,
        "code.make" => code_make().await,
        "code.make-bars" => code_make_bars().await,
        "code.read" => code_read().await,
        "speech.languages" => speech_languages().await,
        "speech.say" => speech_say().await,
        "speech.wait-for" => speech_wait_for().await,
        "speech.stop" => speech_stop().await,
        "clipboard.write" => clipboard_write().await,
        "clipboard.read" => clipboard_read().await,
        "scan.scanners" => scan_scanners().await,
        "scan.page" => scan_page().await,
        "notify.show" => notify_show().await,
        "notify.withdraw" => notify_withdraw().await,
        "files.pick" => files_pick().await,
        "files.read" => files_read().await,
        "files.close" => files_close().await,
        "files.save" => files_save().await,
        "open-app.open" => open_app_open().await,
        "open-app.given" => open_app_given().await,
        "open-app.answer" => open_app_answer().await,
        "telemetry.count" => telemetry_count().await,
        "navigation.navigate" => navigation_navigate().await,
        "navigation.redirect" => navigation_redirect().await,
        "navigation.back" => navigation_back().await,
        "app-info.get" => app_info_get().await,
        "log.write" => log_write().await,
        "log.report" => log_report().await,
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

async fn print_printers() -> Result<(), Failure> {
    let printers = print::printers().await?;
    assert!(printers.iter().any(|printer| printer.name == "A4" && printer.takes.contains(&print::Form::Pdf)));
    Ok(())
}

async fn print_submit() -> Result<(), Failure> {
    let document = print::Document::Text("Certificate of residence\nNo. 7\n".to_owned());
    let job = print::submit(&print::Order { document, printer: None, copies: Some(1) }).await?;
    assert_eq!(job, 1);
    let document = print::Document::Page(print::Page { paper: print::Paper::A4 });
    assert_eq!(print::submit(&print::Order { document, printer: None, copies: None }).await?, 2);
    Ok(())
}

async fn print_status() -> Result<(), Failure> {
    let document = print::Document::Text("Certificate of residence\n".to_owned());
    let job = print::submit(&print::Order { document, printer: None, copies: None }).await?;
    let progress = print::status(job).await?.progress;
    assert!(matches!(progress, print::Progress::Waiting | print::Progress::Printing | print::Progress::Done));
    Ok(())
}

async fn print_cancel() -> Result<(), Failure> {
    let document = print::Document::Text("the wrong page\n".to_owned());
    let job = print::submit(&print::Order { document, printer: Some("A4".to_owned()), copies: None }).await?;
    print::cancel(job).await?;
    assert_eq!(print::status(job).await?.progress, print::Progress::Cancelled);
    Ok(())
}

async fn card_readers() -> Result<(), Failure> {
    let readers = card::readers().await?;
    assert!(readers.iter().all(|reader| reader.slot == card::Slot::Present));
    Ok(())
}

async fn card_wait_for() -> Result<(), Failure> {
    let reader = card::wait_for(card::Slot::Present, 30).await?;
    assert_eq!(reader.slot, card::Slot::Present);
    Ok(())
}

async fn card_connect() -> Result<(), Failure> {
    let connection = card::connect("F0475549434845540001", None).await?;
    assert_eq!(connection.number, 1);
    Ok(())
}

async fn card_exchange() -> Result<(), Failure> {
    let connection = card::connect("F0475549434845540001", None).await?;
    let answer = card::exchange(connection.number, &[0x00, 0xca, 0x00, 0x00, 0x00]).await?;
    assert!(answer.status > 0, "SW1 and SW2");
    Ok(())
}

async fn card_disconnect() -> Result<(), Failure> {
    let connection = card::connect("F0475549434845540001", None).await?;
    card::disconnect(connection.number).await?;
    Ok(())
}

async fn code_make() -> Result<(), Failure> {
    let svg = code::make("guichet://miniapp/gov.example.permit").await?;
    assert!(svg.starts_with("<svg"));
    Ok(())
}

async fn code_make_bars() -> Result<(), Failure> {
    let bars = code::make_bars("Case 2026-0042", code::Bars::Code128).await?;
    assert!(bars.starts_with("<svg"));
    Ok(())
}

async fn code_read() -> Result<(), Failure> {
    let white = code::Picture { width: 4, grey: vec![255; 16] };
    assert!(code::read(&white).await?.is_empty());
    Ok(())
}

async fn speech_languages() -> Result<(), Failure> {
    assert!(speech::languages().await?.iter().any(|lang| lang == "zh"));
    Ok(())
}

async fn speech_say() -> Result<(), Failure> {
    let number = speech::say("请取走您的证明。", "zh-Hans", Some(80)).await?;
    assert_eq!(number, 1);
    Ok(())
}

async fn speech_wait_for() -> Result<(), Failure> {
    let number = speech::say("Please take your certificate.", "en", None).await?;
    assert_eq!(speech::wait_for(number).await?, speech::Outcome::Spoken);
    Ok(())
}

async fn speech_stop() -> Result<(), Failure> {
    let number = speech::say("A long text that nobody waits for.", "en", None).await?;
    speech::stop().await?;
    assert_ne!(speech::wait_for(number).await?, speech::Outcome::Failed);
    Ok(())
}

async fn clipboard_write() -> Result<(), Failure> {
    clipboard::write("3301-2026-0042").await?;
    Ok(())
}

async fn clipboard_read() -> Result<(), Failure> {
    clipboard::write("3301-2026-0042").await?;
    assert_eq!(clipboard::read().await?.as_deref(), Some("3301-2026-0042"));
    Ok(())
}

async fn scan_scanners() -> Result<(), Failure> {
    assert_eq!(scan::scanners().await?, ["A4"]);
    Ok(())
}

async fn scan_page() -> Result<(), Failure> {
    let order = scan::Order { scanner: None, colours: Some(scan::Colours::Grey), resolution: Some(150) };
    let jpeg = scan::page(&order).await?;
    assert_eq!(jpeg[..2], [0xff, 0xd8]);
    Ok(())
}

async fn notify_show() -> Result<(), Failure> {
    let number = notify::show("Your turn is near", Some("Three people are before you.")).await?;
    assert_eq!(number, 1);
    Ok(())
}

async fn notify_withdraw() -> Result<(), Failure> {
    let number = notify::show("It is your turn", None).await?;
    notify::withdraw(number).await?;
    Ok(())
}

async fn files_pick() -> Result<(), Failure> {
    let chosen = files::pick(&["txt".to_owned()]).await?;
    assert!(chosen.is_some_and(|chosen| chosen.name == "sample.txt"));
    Ok(())
}

async fn files_read() -> Result<(), Failure> {
    let Some(chosen) = files::pick(&["txt".to_owned()]).await? else { return Ok(()) };
    let bytes = files::read(chosen.number, 0, chosen.size).await?;
    assert_eq!(bytes.len() as u32, chosen.size);
    Ok(())
}

async fn files_close() -> Result<(), Failure> {
    let Some(chosen) = files::pick(&["txt".to_owned()]).await? else { return Ok(()) };
    files::close(chosen.number).await?;
    Ok(())
}

async fn files_save() -> Result<(), Failure> {
    let is_saved = files::save("certificate.txt", &[52, 50]).await?;
    assert!(is_saved);
    Ok(())
}

async fn open_app_open() -> Result<(), Failure> {
    let answer = open_app::open("gov.example.tax", r#"{"bill":7}"#).await?;
    assert!(answer.is_some_and(|answer| answer.contains("7")));
    Ok(())
}

async fn open_app_given() -> Result<(), Failure> {
    assert!(open_app::given().await?.is_none(), "nobody has opened this app");
    Ok(())
}

async fn open_app_answer() -> Result<(), Failure> {
    if open_app::given().await?.is_some() {
        open_app::answer(r#"{"paid":true}"#).await?;
    }
    Ok(())
}

async fn telemetry_count() -> Result<(), Failure> {
    telemetry::count("sent", None).await?;
    telemetry::count("left", Some("form")).await?;
    let failure = telemetry::count("opened", None).await.err();
    assert!(matches!(failure, Some(Failure::Denied(_))), "what is not declared is not counted");
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

async fn log_report() -> Result<(), Failure> {
    if let Err(error) = "seven".parse::<u32>() {
        guichet_guest::log::report(&guichet_guest::log::Fault { message: error.to_string(), stack: String::new() });
    }
    Ok(())
}
