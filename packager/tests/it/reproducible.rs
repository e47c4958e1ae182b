//! The same tree gives the same bytes wherever and however it is built, and anybody can check it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::Command,
    time::{Duration, SystemTime},
};

use crate::program::Desk;

/// Every file of a folder, by path.
fn files(desk: &Desk, folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![desk.path(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(desk.path(folder)).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Builds under a time zone, a locale and a umask, and gives the package's bytes.
fn built(desk: &Desk, folder: &str, zone: &str, locale: &str, umask: &str) -> Vec<u8> {
    let output = desk.path("out.ma");
    let _ = fs::remove_file(&output);
    let mut command = Command::new("sh");
    command.env_clear().env("TZ", zone).env("LC_ALL", locale).current_dir(desk.path("."));
    command.args(["-c", &format!(r#"umask {umask}; exec "$0" build {folder} -o out.ma"#)]);
    let finished = command.arg(env!("CARGO_BIN_EXE_guichet")).output().unwrap();
    assert!(finished.status.success(), "{}", desk.shown(&finished));
    fs::read(output).unwrap()
}

#[test]
fn time_zone_locale_umask_order_modes_and_times_make_no_difference() {
    let desk = Desk::with_app();
    desk.write("app/common/图标 é.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let expected = built(&desk, "app", "UTC", "C.UTF-8", "022");
    for (zone, locale, umask) in [
        ("Asia/Shanghai", "zh_CN.UTF-8", "077"),
        ("America/St_Johns", "tr_TR.UTF-8", "000"),
        ("Pacific/Kiritimati", "C", "027"),
        ("", "POSIX", "002"),
    ] {
        assert!(built(&desk, "app", zone, locale, umask) == expected, "TZ={zone} LC_ALL={locale} umask {umask}");
    }

    let mut listed = files(&desk, "app");
    for turn in 0..3 {
        let copy = format!("copy{turn}");
        match turn {
            0 => listed.reverse(),
            1 => listed.rotate_left(5),
            _ => listed.sort_by_key(|(name, bytes)| (bytes.len(), name.len())),
        }
        for (number, (name, bytes)) in listed.iter().enumerate() {
            desk.write(&format!("{copy}/{name}"), bytes);
            let path = desk.path(&format!("{copy}/{name}"));
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * 7000 * (1 + turn) + number as u64))
                .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode([0o600, 0o755, 0o444][turn as usize])).unwrap();
        }
        assert!(built(&desk, &copy, "UTC", "C.UTF-8", "022") == expected, "{copy}");
    }
}

#[test]
fn anybody_can_check_that_a_package_is_the_build_of_a_folder() {
    let desk = Desk::with_package();
    desk.ok(&["build", "app", "-o", "plain.ma"]);
    insta::assert_snapshot!(desk.run(&["build", "app", "--check", "plain.ma"]), @r"
    exit: 0
    ----- stdout
    package   plain.ma
    contents  [DIGEST]
    verdict   the build of this folder in every byte
    ----- stderr
    packing app
    ");
    insta::assert_snapshot!(desk.run(&["build", "app", "--check", "app.ma"]), @r"
    exit: 0
    ----- stdout
    package   app.ma
    contents  [DIGEST]
    verdict   the build of this folder in every byte; the seal was left out, a folder has none
    ----- stderr
    packing app
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "build", "app", "--check", "app.ma"]), @r"
    exit: 0
    ----- stdout
    软件包    app.ma
    内容摘要  [DIGEST]
    结论      就是这个文件夹打出的包，每个字节都相同；封签不在比较之内，文件夹里没有封签
    ----- stderr
    正在打包 app
    ");
    let same = desk.json(&["build", "app", "--check", "app.ma"]);
    assert_eq!((&same["sealed"], &same["app_id"]), (&true.into(), &"gov.example.repairs".into()));
    assert!(!desk.path("app/dist").exists(), "nothing is written");
}

#[test]
fn a_package_of_another_tree_is_refused_with_the_files_that_differ() {
    let desk = Desk::with_package();
    desk.write("app/common/new.svg", "<svg/>");
    desk.replace("app/app.css", "{", "{ ");
    fs::remove_file(desk.path("app/common/icon.svg")).unwrap();
    desk.replace("app/manifest.json", "common/icon.svg", "common/new.svg");
    insta::assert_snapshot!(desk.run(&["build", "app", "--check", "app.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[project/other-build]: the package is not the build of this folder
      --> app.ma
      app.css: other bytes
      common/icon.svg: only in the package
      common/new.svg: only in the folder
      manifest.json: other bytes
      hint: check out the very version it was built from; what .guichetignore lists and what editors change counts too
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "build", "app", "--check", "app.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    正在打包 app
    错误[project/other-build]: 这个包不是这个文件夹打出的
      --> app.ma
      app.css: 字节不同
      common/icon.svg: 只在包里
      common/new.svg: 只在文件夹里
      manifest.json: 字节不同
      建议: 取出打包时的那个版本；.guichetignore 列出的、编辑器改过的也算在内
    ");
    let output = desk.command(&["--json", "build", "app", "--check", "app.ma"]).output().unwrap();
    let refused: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &refused["class"]), (Some(2), &"project/other-build".into()));
    let expected = serde_json::json!([
        {"path": "app.css", "kind": "other_bytes"},
        {"path": "common/icon.svg", "kind": "only_in_package"},
        {"path": "common/new.svg", "kind": "only_in_folder"},
        {"path": "manifest.json", "kind": "other_bytes"},
    ]);
    assert_eq!(refused["files"], expected);
}

#[test]
fn a_check_judges_the_package_first_and_writes_nowhere() {
    let desk = Desk::with_package();
    desk.write("broken.ma", &desk.bytes("app.ma")[..900]);
    let refused = desk.run(&["build", "app", "--check", "broken.ma"]);
    assert!(refused.contains("error[container/truncated]"), "{refused}");
    let wrong = desk.command(&["build", "app", "--check", "app.ma", "-o", "other.ma"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(64));
    assert!(!desk.path("other.ma").exists());
}
