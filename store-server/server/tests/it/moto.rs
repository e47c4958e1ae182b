//! A store in the bucket of another maker: moto, which speaks S3 as Amazon does.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use guichet_store::{
    blobs::{Address, Bucket, Patience, Remote},
    clock::Clock,
    folder::StoreFolder,
};

use crate::{
    bucket::{contract, contract_of_a_cache, installs, release},
    house::House,
    process::serving_with,
    restart::files,
};

/// A server that is gone with its test.
struct Moto {
    server: Child,
    address: String,
}

impl Moto {
    fn start() -> Self {
        let program = std::env::var_os("GUICHET_MOTO").unwrap();
        let mut server = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(server.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "moto did not begin");
            if let Some((_, rest)) = line.split_once("Running on http://") {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        // It waits for nobody to read what it says.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let moto = Self { server, address };
        moto.make("guichet");
        moto
    }

    fn make(&self, bucket: &str) {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        let head = format!("PUT /{bucket} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n", self.address);
        write!(connection, "{head}Connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ACCESS_KEY_ID", "a-key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "a-secret".to_owned()),
        ]
    }

    fn remote(&self, address: &str) -> Remote {
        let set = self.environment();
        let find = |name: &str| set.iter().find(|(one, _)| *one == name).map(|(_, value)| value.clone());
        let bucket = Bucket::new(Address::parse(address).unwrap(), find, Patience::default()).unwrap();
        Remote::new(bucket, 1 << 30)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
#[ignore = "needs moto: cargo xtask test --full"]
fn a_bucket_of_another_maker_keeps_the_same_promises() {
    let place = tempfile::tempdir().unwrap();
    let moto = Moto::start();
    contract(&|| StoreFolder::new(place.path().join("one")).with_bucket(moto.remote("s3://guichet/one")));
    contract_of_a_cache(&|| StoreFolder::new(place.path().join("two")).with_bucket(moto.remote("s3://guichet/two")));
    let other = StoreFolder::new(place.path().join("three")).with_bucket(moto.remote("s3://no-such-bucket"));
    other.create().unwrap();
    let said = format!("{:?}", other.packages_kept().unwrap_err());
    assert!(said.contains("NoBucket"), "{said}");
}

#[tokio::test]
#[ignore = "needs moto: cargo xtask test --full"]
async fn a_store_lives_in_a_bucket_of_another_maker_and_its_server_serves_from_it() {
    let moto = Moto::start();
    let house = House::open_in(Clock::System, None).await.kept_in(moto.remote("s3://guichet/store")).await;
    release(&house, 1).await;
    house.lose_the_cache();
    release(&house, 2).await;
    house.lose_the_cache();
    installs(&house, 2).await;
    let public = house.store.folder.public();
    let brought: Vec<_> = files(&public).into_iter().filter(|name| name.starts_with("blobs/")).collect();
    assert!(!brought.is_empty());
    house.lose_the_cache();
    let dir = house.folder.path().join("store");
    let (_server, address) =
        serving_with(dir.to_str().unwrap(), &["--blobs", "s3://guichet/store"], &moto.environment());
    for name in brought {
        let mut connection = TcpStream::connect(&address).unwrap();
        write!(connection, "GET /static/{name} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{name}");
        assert!(answer.ends_with(&std::fs::read(public.join(&name)).unwrap()), "{name}");
    }
}
