//! What a refusal costs: every hostile package is refused by its class, by both readers, within 64 MiB; and judging a
//! package takes no more memory for a large one.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    sync::{Mutex, MutexGuard, PoisonError},
};

use guichet_package::{
    CheckedPackage, Limits, PackageDraft, PackageFile, PackagePath, Refusal, container,
    source::{NotOpened, Source},
};
use peak_alloc::PeakAlloc;

mod corpus;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MOST: usize = 64 << 20;

/// The counter is one for the whole process, so the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a deed held at once beyond what was there before, in bytes.
fn cost<T>(deed: impl FnOnce() -> T) -> (T, usize) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let done = deed();
    (done, ALLOCATOR.peak_usage().saturating_sub(before))
}

#[test]
fn every_hostile_package_is_refused_by_its_class_and_costs_little() {
    let _turn = turn();
    let limits = Limits::default();
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut dearest = (0, String::new());
    for corpus::Hostile { name, class, only_in_statement, bytes } in corpus::hostile() {
        assert!(names.insert(name.clone()), "{name} stands in the table twice");
        let (strict, strict_cost) =
            cost(|| CheckedPackage::read(bytes.as_slice(), &limits).err().map(|why| Refusal::from(why).class()));
        let (import, import_cost) =
            cost(|| PackageFile::import(bytes.as_slice(), &limits).err().map(|why| Refusal::from(why).class()));
        let imported = if only_in_statement { None } else { Some(class) };
        if (strict, import) != (Some(class), imported) {
            wrong.push(format!("{name}: {strict:?}, imported {import:?}, expected {class}"));
        }
        let cost = strict_cost.max(import_cost);
        assert!(cost <= MOST, "{name} costs {cost} bytes");
        dearest = dearest.max((cost, name));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(names.len() > 400, "{}", names.len());
    println!("{} hostile packages; the dearest costs {} bytes: {}", names.len(), dearest.0, dearest.1);
}

#[test]
fn benign_packages_of_other_tools_are_called_so_and_taken_over() {
    let _turn = turn();
    for (name, bytes) in corpus::benign() {
        let strict = CheckedPackage::read(bytes.as_slice(), &Limits::default()).unwrap_err();
        let class = Refusal::from(strict).class();
        assert!(class.starts_with("container/"), "{name}: {class}");
        let imported = PackageFile::import(bytes.as_slice(), &Limits::default()).unwrap();
        let package = imported.draft.unsealed().unwrap();
        assert_eq!(package.file("app.js"), Some(b"export default {};\n".as_slice()), "{name}");
    }
}

struct OnDisk(File);

impl OnDisk {
    fn new(bytes: &[u8]) -> Self {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        Self(file)
    }
}

impl Source for OnDisk {
    type Error = std::io::Error;

    fn length(&self) -> u64 {
        self.0.metadata().unwrap().len()
    }

    fn read(&self, at: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let mut file = &self.0;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(buffer)
    }
}

type Files = BTreeMap<PackagePath, Vec<u8>>;

fn app() -> Files {
    let package = PackageFile::open(corpus::ours(), &Limits::default()).unwrap();
    package.files().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect()
}

fn judged(source: &OnDisk) -> (Result<CheckedPackage, NotOpened<std::io::Error>>, usize) {
    cost(|| CheckedPackage::read(source, &Limits::default()))
}

#[test]
fn a_package_of_64_mib_is_judged_in_as_much_memory_as_a_small_one() {
    let _turn = turn();
    let small = OnDisk::new(&corpus::ours());
    let mut files = app();
    for name in ["zz/1.bin", "zz/2.bin"] {
        files.insert(name.parse().unwrap(), vec![7; 31 << 20]);
    }
    let draft = PackageDraft::new(files, &Limits::default()).unwrap();
    let large = OnDisk::new(draft.unsealed().unwrap().bytes());
    drop(draft);
    let ((small, small_cost), (large, large_cost)) = (judged(&small), judged(&large));
    assert!(small.is_ok() && large.is_ok());
    // One piece of a file that is larger than a piece.
    assert!(large_cost < small_cost + (64 << 10), "{large_cost} bytes, and {small_cost} for a small package");
}

#[test]
fn what_is_refused_late_was_not_held_before() {
    let _turn = turn();
    let noise = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
    let big: Vec<u8> = (0..30 << 20).map(|n| if n % 128 == 0 { noise(n) } else { 0 }).collect();
    let mut zip = corpus::deflated_app();
    let one = corpus::zip::deflated(corpus::zip::Entry { data: big, ..corpus::zip::entry("zz/1.bin", "") });
    let other = corpus::zip::Entry { name: b"zz/2.bin".to_vec(), ..one.clone() };
    zip.entries.extend([one, other]);
    zip.entries.last_mut().unwrap().crc = Some(1);
    let bytes = zip.write();
    drop(zip);
    let (refused, cost) = cost(|| PackageFile::import(bytes.as_slice(), &Limits::default()).map(drop));
    assert_eq!(Refusal::from(refused.unwrap_err()).class(), "container/checksum");
    assert!(cost < 1 << 20, "{cost} bytes");
}

#[test]
fn the_longest_paths_there_can_be_cost_little() {
    let _turn = turn();
    let folder = vec!["d".repeat(250); 15].join("/");
    let long = |n: usize| corpus::zip::entry(&format!("{n:05}{folder}/{}", "f".repeat(250)), "");
    let bytes = corpus::zip::Zip::of(&(0..4096).map(long).collect::<Vec<_>>()).write();
    let (refused, cost) = cost(|| PackageFile::import(bytes.as_slice(), &Limits::default()).map(drop));
    assert_eq!(Refusal::from(refused.unwrap_err()).class(), "manifest/missing");
    assert!(cost <= MOST, "{cost} bytes");
    let (refused, cost) = judged(&OnDisk::new(&bytes));
    assert!(refused.is_err());
    assert!(cost <= MOST, "{cost} bytes");
}

#[test]
fn the_largest_statement_there_can_be_costs_little() {
    let _turn = turn();
    let most = usize::try_from(Limits::default().statement_bytes).unwrap();
    for item in ["0,", "[],", "{},"] {
        let mut statement = format!("[{}", item.repeat(most / item.len() - 1));
        statement.pop();
        statement.push(']');
        let block = container::SigningBlock { statement: statement.as_bytes(), seals: None };
        let bytes = container::encode(&app(), Some(block), &Limits::default()).unwrap();
        let (refused, cost) = judged(&OnDisk::new(&bytes));
        let Err(NotOpened::Refused(refusal)) = refused else { panic!("a list is no statement") };
        assert_eq!(refusal.class(), "json/shape", "{refusal}");
        assert!(cost <= MOST, "{item} costs {cost} bytes");
    }
}
