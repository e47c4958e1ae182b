//! A store with departments and the people who work there, each with their own keys, as a small town would have it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{Finished, Running, must, program, run};

/// A department to set up: its id, its names and its AppId prefix.
#[derive(Clone, Copy, Debug)]
pub struct Office {
    /// The department's id.
    pub id: &'static str,
    /// Its name in Chinese.
    pub name_zh: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
    /// The AppId prefix it registers.
    pub prefix: &'static str,
}

/// The two departments of the samples.
pub const OFFICES: [Office; 2] = [
    Office { id: "residence", name_zh: "公安", name_en: "Residence office", prefix: "gov.example.residence" },
    Office { id: "benefits", name_zh: "民政", name_en: "Benefits office", prefix: "gov.example.benefits" },
];

/// Somebody who works at a department: a token for the store, and a key of their own.
#[derive(Clone, Debug)]
pub struct Person {
    /// Signs in to the store.
    pub token: String,
    /// Seals or signs; never leaves its owner's machine.
    pub key: PathBuf,
}

/// A listener that drops whatever comes, in Python.
const DEAF: &str = include_str!("deaf.py");

/// A running store and everybody it knows.
pub struct Town {
    server: Option<Running>,
    folder: PathBuf,
    url: String,
    people: Vec<(&'static str, Vec<Person>)>,
}

impl Town {
    /// Founds a store in an empty folder, with departments, people and keys, and opens it on a free port.
    pub fn found(folder: &Path, offices: &[Office]) -> Result<Self> {
        Self::found_with(folder, offices, |_| Ok(()))
    }

    /// The same, with something done to the store before it opens.
    pub fn found_with(folder: &Path, offices: &[Office], before: impl FnOnce(&Self) -> Result<()>) -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        drop(listener);
        let url = format!("http://127.0.0.1:{port}");
        let mut town = Self { server: None, folder: folder.to_owned(), url, people: Vec::new() };
        let (static_url, api_url) = (format!("{}/static", town.url), town.url.clone());
        town.store(&["init", "--static-url", &static_url, "--api-url", &api_url])?;
        for office in offices {
            town.settle(office)?;
        }
        before(&town)?;
        town.open()?;
        Ok(town)
    }

    fn settle(&mut self, office: &Office) -> Result<()> {
        let office_arguments =
            ["--id", office.id, "--name-zh", office.name_zh, "--name-en", office.name_en, "--prefix", office.prefix];
        self.store(&[&["admin", "department", "add"][..], &office_arguments].concat())?;
        let mut people = Vec::new();
        for (number, role) in ["developer", "reviewer", "reviewer"].into_iter().enumerate() {
            let key = self.folder.join(format!("{}-{number}.key", office.id));
            must(program("guichet")?.args(["key", "new"]).arg(&key))?;
            let shown = must(program("guichet")?.args(["key", "show"]).arg(&key))?;
            let public = shown
                .split_whitespace()
                .find(|word| word.starts_with("ed25519:"))
                .context("guichet key show names no key")?;
            let list = if role == "developer" { "publisher" } else { "reviewer" };
            self.store(&["keys", list, "add", "--department", office.id, "--key", public])?;
            let name = format!("{} {role} {number}", office.name_en);
            let said =
                self.store(&["admin", "person", "add", "--name", &name, "--role", role, "--department", office.id])?;
            let token = said.split_whitespace().next_back().context("no token was printed")?.to_owned();
            people.push(Person { token, key });
        }
        self.people.push((office.id, people));
        Ok(())
    }

    /// Opens the store's counter.
    pub fn open(&mut self) -> Result<()> {
        self.open_with(&[])
    }

    /// The same, with more said to `guichet-store serve`.
    pub fn open_with(&mut self, arguments: &[&str]) -> Result<()> {
        let listen = self.url.trim_start_matches("http://").to_owned();
        let mut command = program("guichet-store")?;
        command.args(["serve", "--dir"]).arg(self.store_folder()).args(["--listen", &listen]);
        // Pages on every terminal take minutes, and a journey about something else does not wait for them.
        if !arguments.contains(&"--checks") {
            command.args(["--checks", "gates"]);
        }
        command.args(arguments);
        let mut server = Running::start("guichet-store", &mut command)?;
        server.line("listening on", Duration::from_secs(30))?;
        self.server = Some(server);
        Ok(())
    }

    /// Closes the store's counter; what it published stays.
    pub fn close(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Running::stop)
    }

    /// Closes the counter behind a network that loses everything, as long as what this gives lives: whoever wants in waits.
    pub fn cut(&mut self) -> Result<Running> {
        self.close()?;
        let port = self.url.rsplit(':').next().unwrap_or_default();
        let mut deaf = Running::start("deaf.py", Command::new("python3").args(["-c", DEAF, port]))?;
        deaf.line("deaf", Duration::from_secs(30))?;
        Ok(deaf)
    }

    /// Runs `guichet-store` on this store.
    pub fn store(&self, arguments: &[&str]) -> Result<String> {
        let mut command = program("guichet-store")?;
        command.args(arguments).arg("--dir").arg(self.store_folder());
        let is_offline = matches!(arguments, ["init", ..] | ["keys", ..] | ["admin", "department", ..]);
        if is_offline {
            command.arg("--offline").arg(self.folder.join("offline"));
        }
        must(&mut command)
    }

    /// The store's own folder.
    pub fn store_folder(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// What every host is given once.
    pub fn trust_file(&self) -> PathBuf {
        self.store_folder().join("guichet.trust.json")
    }

    /// Where the store listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The developer of a department.
    pub fn developer(&self, office: &str) -> Result<&Person> {
        self.person(office, 0)
    }

    /// The two reviewers of a department.
    pub fn reviewers(&self, office: &str) -> Result<[&Person; 2]> {
        Ok([self.person(office, 1)?, self.person(office, 2)?])
    }

    fn person(&self, office: &str, number: usize) -> Result<&Person> {
        let people = self.people.iter().find(|(id, _)| *id == office).map(|(_, people)| people);
        people.and_then(|people| people.get(number)).with_context(|| format!("nobody works at {office}"))
    }

    /// `guichet` as somebody at this store.
    pub fn guichet(&self, person: &Person) -> Result<Command> {
        let mut command = program("guichet")?;
        command
            .env("GUICHET_STORE_URL", &self.url)
            .env("GUICHET_TOKEN", &person.token)
            .env("GUICHET_KEY", &person.key)
            .args(["--lang", "en"]);
        Ok(command)
    }

    /// Builds a folder, sealed by the department's developer.
    pub fn build(&self, office: &str, app: &Path, package: &Path) -> Result<()> {
        must(self.guichet(self.developer(office)?)?.arg("build").arg(app).arg("-o").arg(package)).map(drop)
    }

    /// Builds what lies in a folder into a package, publishes it and has it approved.
    pub fn release(&self, office: &str, app: &Path, package: &Path) -> Result<()> {
        self.build(office, app, package)?;
        self.approve(office, &self.publish(office, package)?).map(drop)
    }

    /// Publishes a package as the department's developer; gives the submission's id.
    pub fn publish(&self, office: &str, package: &Path) -> Result<String> {
        let said = must(self.guichet(self.developer(office)?)?.args(["--json", "publish"]).arg(package))?;
        let submission: Value =
            serde_json::from_str(&said).with_context(|| format!("guichet publish --json said: {said}"))?;
        Ok(submission["id"].as_str().context("the submission has no id")?.to_owned())
    }

    /// One person's try to approve a submission on their own machine.
    pub fn approve_as(&self, person: &Person, submission: &str) -> Result<Finished> {
        let mut command = self.guichet(person)?;
        command
            .args(["review", "approve", submission, "--yes", "--key"])
            .arg(&person.key)
            .arg("--trust")
            .arg(self.trust_file());
        run(&mut command)
    }

    /// Reviewers approve one after the other until the submission is released; says how many it took.
    pub fn approve(&self, office: &str, submission: &str) -> Result<u32> {
        let mut signatures = 0;
        for reviewer in self.reviewers(office)? {
            let finished = self.approve_as(reviewer, submission)?;
            if !finished.status.success() {
                bail!("the approval was refused: {}{}", finished.stdout, finished.stderr);
            }
            signatures += 1;
            if self.state(office, submission)? == "released" {
                return Ok(signatures);
            }
        }
        bail!("the submission is still {}", self.state(office, submission)?)
    }

    /// The state of a submission, as the store tells its developer.
    pub fn state(&self, office: &str, submission: &str) -> Result<String> {
        let said = must(self.guichet(self.developer(office)?)?.args(["--json", "status", submission]))?;
        let status: Value = serde_json::from_str(&said)?;
        Ok(status["state"].as_str().context("the submission has no state")?.to_owned())
    }
}
