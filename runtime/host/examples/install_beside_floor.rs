//! The two sides of `cargo xtask bench install`: `install_beside_floor ROUNDS FOLDER` prints `{"ours": ms, "floor": ms}` a
//! line, in turns.
//!
//! *Ours* is `Host::install` on a new home, from the call until the release is in its place and durable; the catalogue was
//! fetched before. *Floor* does with the same files what no installation can do without: unpack each with Zstandard, hash it,
//! verify one signature, and write the bytes into one file that is flushed once.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use guichet_host::{Host, HostOptions, Progress};
use guichet_package::{
    Limits, PackageDraft, PackageFile, PublisherKeys, ReleaseDocument, TrustFile,
    release::{keys_path, release_path},
};
use guichet_services::Device;
use guichet_trust::{
    digest::Digest,
    editor::{Draft, NewDelegation},
    metadata::{Document, Metadata, TargetFile},
    sign::{Purpose, SecretKey},
};

const APP: &str = "org.example.bench.mixed";
const DAY: u64 = 86_400_000;
/// As the store compresses.
const LEVEL: i32 = 15;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [rounds, folder] = arguments.as_slice() else { return Err("install_beside_floor ROUNDS FOLDER".into()) };
    let folder = PathBuf::from(folder);
    let store = publish(&folder.join("static"))?;
    for round in 0..rounds.parse()? {
        let home = folder.join("home");
        let (ours, floor);
        if round % 2 == 0 {
            ours = install(&home, &store)?;
            floor = do_the_least(&folder.join("floor"), &store)?;
        } else {
            floor = do_the_least(&folder.join("floor"), &store)?;
            ours = install(&home, &store)?;
        }
        let ms = |took: Duration| took.as_secs_f64() * 1000.0;
        println!("{{\"ours\": {:.3}, \"floor\": {:.3}}}", ms(ours), ms(floor));
        // What was compiled stays: that is not part of the race.
        for folder in ["apps", "blobs", "trust"] {
            fs::remove_dir_all(home.join(folder))?;
        }
    }
    Ok(())
}

/// What is published, and what the floor needs of it.
struct Store {
    trust: TrustFile,
    package: PackageFile,
    /// The compressed files.
    compressed: Vec<PathBuf>,
}

fn install(home: &Path, store: &Store) -> Result<Duration, Failure> {
    let services = Arc::new(Device::new(home.join("apps")));
    let host = Host::open(HostOptions::new(home.to_owned(), store.trust.clone(), services))?;
    host.refresh()?;
    let begun = Instant::now();
    let mut placed = None;
    host.install(&APP.parse()?, &mut |progress| {
        if progress == Progress::Placed {
            placed = Some(begun.elapsed());
        }
    })?;
    Ok(placed.ok_or("nothing was placed")?)
}

fn do_the_least(out: &Path, store: &Store) -> Result<Duration, Failure> {
    let key = key();
    let signature = key.sign(Purpose::Statement, store.package.statement_bytes());
    let _may_not_be_there = fs::remove_file(out);
    let begun = Instant::now();
    let mut file = fs::File::create(out)?;
    let mut digests = Vec::new();
    for path in &store.compressed {
        let bytes = zstd::decode_all(fs::File::open(path)?)?;
        digests.push(Digest::of(&bytes));
        file.write_all(&bytes)?;
    }
    key.public().verify(Purpose::Statement, store.package.statement_bytes(), &signature)?;
    file.sync_all()?;
    let took = begun.elapsed();
    if digests.len() < 80 {
        return Err("too few files".into());
    }
    Ok(took)
}

fn key() -> SecretKey {
    SecretKey::generate([7; 32])
}

/// 20 MiB: scripts and styles that compress well, WebAssembly that compresses somewhat, pictures that do not.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut random = Random(1);
    let mut files = BTreeMap::new();
    for number in 0..40 {
        files.insert(format!("common/script{number}.js"), text(&mut random, 200 << 10));
        files.insert(format!("img/picture{number}.png"), random.bytes(100 << 10));
    }
    for number in 0..3 {
        files.insert(format!("common/module{number}.wasm"), code(&mut random, 2800 << 10));
    }
    files.insert("app.js".to_owned(), b"export default {};\n".to_vec());
    files.insert("app.css".to_owned(), Vec::new());
    files.insert("pages/home.html".to_owned(), b"<h1>Home</h1>\n".to_vec());
    let manifest = format!(
        r#"{{"app_id":"{APP}","name":"Mixed","icons":[{{"src":"img/picture0.png"}}],"pages":["pages/home"],"platform_version":{{"min_code":1}},"version":{{"code":1,"name":"1.0.0"}}}}"#
    );
    files.insert("manifest.json".to_owned(), manifest.into_bytes());
    files
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).take(length).collect()
    }
}

/// Statements with names and numbers, as minified scripts are.
fn text(random: &mut Random, length: usize) -> Vec<u8> {
    let mut text = Vec::new();
    while text.len() < length {
        let [name, field, number] = [random.next() % 300, random.next() % 60, random.next() % 5000];
        text.extend(format!("n{name}.f{field}=function(a,b){{return a.f{}(b+{number})}};", random.next() % 60).bytes());
    }
    text.truncate(length);
    text
}

/// Few opcodes, many operands.
fn code(random: &mut Random, length: usize) -> Vec<u8> {
    let mut code = b"\0asm\x01\0\0\0".to_vec();
    while code.len() < length {
        let number = random.next();
        let [operand, more, ..] = number.to_le_bytes();
        code.extend([0x20 + (operand & 3), more & 0x3f, 0x41, operand, 0x6a]);
        if operand & 7 == 0 {
            code.extend([0x10, more | 0x80, operand >> 3]);
        }
    }
    code.truncate(length);
    code
}

fn publish(folder: &Path) -> Result<Store, Failure> {
    let files = files().into_iter().map(|(path, bytes)| Ok((path.parse()?, bytes))).collect::<Result<_, Failure>>()?;
    let package = PackageDraft::new(files, &Limits::default())?.seal(&key())?;
    let mut keys = PublisherKeys::new(
        "bench".parse()?,
        BTreeMap::from([("en".to_owned(), "Bench".to_owned())]),
        vec!["org.example.bench".parse()?],
    );
    keys.add(key().public());

    let put = |path: &str, bytes: &[u8]| -> Result<PathBuf, Failure> {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().ok_or("no folder")?)?;
        fs::write(&place, bytes)?;
        Ok(place)
    };
    let mut compressed = Vec::new();
    let own = [package.statement_bytes(), package.seals_bytes().ok_or("not sealed")?];
    for bytes in package.files().map(|(_, bytes)| bytes).chain(own) {
        let hex = Digest::of(bytes).to_string();
        let path = format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default());
        put(&path, bytes)?;
        compressed.push(put(&format!("{path}.zst"), &zstd::encode_all(bytes, LEVEL)?)?);
    }

    let expires =
        u64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis())? + 30 * DAY;
    let mut root = Draft::first_root(expires);
    for role in ["root", "targets", "snapshot", "timestamp"] {
        root.set_role(role, &[key().public()], 1)?;
    }
    let root = sign(&root)?;
    let mut targets = Draft::first_targets(expires);
    let delegated = [key().public()];
    targets.delegate(&NewDelegation {
        name: "bench",
        keys: &delegated,
        threshold: 1,
        paths: &["apps/bench/*/*"],
        terminating: false,
    })?;
    let department = "bench".parse()?;
    let (path, bytes) = (keys_path(&department), keys.to_bytes()?);
    targets.set_target(&path, TargetFile::of(&bytes))?;
    put(&format!("targets/{}", TargetFile::of(&bytes).hashed_path(&path)), &bytes)?;
    let targets = sign(&targets)?;

    let verified = package.clone().verify(&keys)?;
    let bytes = ReleaseDocument::of(&verified, "stable".parse()?, 1).to_bytes()?;
    let path = release_path(&department, &APP.parse()?, &"stable".parse()?);
    let mut role = Draft::of_role(&targets, "bench", None, expires)?;
    role.set_target(&path, TargetFile::of(&bytes))?;
    put(&format!("targets/{}", TargetFile::of(&bytes).hashed_path(&path)), &bytes)?;
    let role = sign(&role)?;

    let mut snapshot = Draft::first_snapshot(expires);
    snapshot.pin("targets", &targets);
    snapshot.pin("bench", &role);
    let snapshot = sign(&snapshot)?;
    let timestamp = sign(&Draft::first_timestamp(&snapshot, expires))?;
    put("metadata/1.root.json", root.bytes())?;
    put("metadata/1.targets.json", targets.bytes())?;
    put("metadata/1.bench.json", role.bytes())?;
    put("metadata/1.snapshot.json", snapshot.bytes())?;
    put("metadata/timestamp.json", timestamp.bytes())?;
    let trust = TrustFile::new(root.bytes(), &format!("file://{}", folder.display()), "")?;
    Ok(Store { trust, package, compressed })
}

fn sign<T: Metadata>(draft: &Draft<T>) -> Result<Document<T>, Failure> {
    Ok(Document::parse(draft.sign(&[&key()])?)?)
}
