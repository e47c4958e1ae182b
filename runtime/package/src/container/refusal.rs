//! What an archive is refused for: one word for each way in which readers have been made to disagree.

use crate::refusal::Words;

/// The container is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub struct ContainerRefusal {
    /// The entry's name or the offset in the file, if it is about one.
    pub place: Option<String>,
    /// What is wrong.
    pub fault: ContainerFault,
}

/// What can be wrong with a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerFault {
    /// A server says that it is something else (P-Z5): the media type it gives.
    MediaType(String),
    /// It does not begin like a ZIP.
    NotAZip,
    /// It has no files.
    Empty,
    /// Something stands before the first entry.
    Prefix,
    /// It ends too early.
    Truncated,
    /// Something stands after the end.
    TrailingBytes,
    /// The archive, an entry or the directory has a comment.
    Comment,
    /// It is split over several files.
    Split,
    /// It uses 64-bit fields.
    Zip64,
    /// The directory does not lie where the end says.
    DirectoryPosition,
    /// The end says another number of entries than there are.
    EntryCount,
    /// The directory does not read as entries.
    DirectoryDamaged,
    /// Two entries have one name.
    DuplicateEntry,
    /// The entries are not sorted by name.
    NotSorted,
    /// An entry is encrypted.
    Encrypted,
    /// An entry puts its sizes after its bytes.
    DataDescriptor,
    /// An entry is compressed by deflate.
    Compressed,
    /// An entry uses another method.
    Method(u16),
    /// The two sizes of a stored entry differ, or a compressed one unpacks to another size than it says.
    SizeMismatch,
    /// A compressed entry does not unpack, or its bytes go on after what unpacks.
    Deflate,
    /// A compressed entry unpacks to much more than it is.
    Ratio {
        /// How many times as much is taken.
        most: u64,
    },
    /// An entry uses something else that ZIP has and packages do not; what.
    Feature(&'static str),
    /// An entry has an extra field.
    ExtraField,
    /// An entry's extra field gives it a second name.
    UnicodePath,
    /// An entry is a symbolic link.
    SymbolicLink,
    /// An entry is a folder.
    FolderEntry,
    /// A name is not UTF-8.
    NameEncoding,
    /// Two entries share bytes.
    Overlap,
    /// There are bytes between entries that the directory does not list.
    HiddenBytes,
    /// An entry's own header gives another name.
    LocalName,
    /// An entry's own header gives another size.
    LocalSize,
    /// An entry's own header gives another checksum.
    LocalChecksum,
    /// An entry's own header differs in something else.
    LocalHeader,
    /// The bytes are not those the checksum was made of.
    Checksum,
    /// The signing block is damaged; how.
    SigningBlock(&'static str),
    /// There is no signing block.
    NoSigningBlock,
    /// Some field is not as we write it.
    NotCanonical,
    /// The whole is too large.
    TooLarge {
        /// In bytes.
        most: u64,
    },
    /// One file is too large.
    FileTooLarge {
        /// In bytes.
        most: u64,
    },
    /// All files together are too large.
    FilesTooLarge {
        /// In bytes.
        most: u64,
    },
    /// There are too many files.
    TooManyFiles {
        /// How many there may be.
        most: usize,
    },
}

const BUILD: &str = "build the package again with `guichet build`";
const DOWNLOAD: &str = "fetch the package again; if it stays so, ask its publisher";
const HOSTILE: &str =
    "do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`";

impl ContainerRefusal {
    pub(crate) fn whole(fault: ContainerFault) -> Self {
        Self { place: None, fault }
    }

    pub(crate) fn at_entry(name: &str, fault: ContainerFault) -> Self {
        Self { place: Some(name.escape_debug().to_string()), fault }
    }

    pub(crate) fn at_offset(offset: usize, fault: ContainerFault) -> Self {
        Self { place: Some(format!("byte {offset}")), fault }
    }

    pub(crate) fn words(&self) -> Words {
        let words = self.fault.words();
        match &self.place {
            Some(place) => words.at(place.clone()),
            None => words,
        }
    }
}

impl ContainerFault {
    /// Whether this is no more than the hand of another tool, which importing would take over.
    pub(crate) fn is_another_tools(&self) -> bool {
        matches!(
            self,
            Self::Compressed
                | Self::ExtraField
                | Self::FolderEntry
                | Self::NotSorted
                | Self::NotCanonical
                | Self::NoSigningBlock
        )
    }

    fn words(&self) -> Words {
        use ContainerFault as F;
        match self {
            F::MediaType(given) => Words::new(
                "container/media-type",
                format!("the server says that it is `{}`, not a MiniApp package", given.escape_debug()),
                "see that the address is right; if it is, tell the store's operator that packages are application/miniapp-pkg+zip",
            ),
            F::NotAZip => Words::new("container/not-a-zip", "the file is not a MiniApp package", "choose a .ma file"),
            F::Empty => Words::new("container/empty", "the package has no files", BUILD),
            F::Prefix => Words::new("container/prefix", "something stands before the archive", HOSTILE),
            F::Truncated => Words::new("container/truncated", "the package ends too early", DOWNLOAD),
            F::TrailingBytes => {
                Words::new("container/trailing-bytes", "something stands after the archive's end", HOSTILE)
            }
            F::Comment => Words::new("container/comment", "the archive has a comment", BUILD),
            F::Split => Words::new("container/split", "the archive is one part of several", BUILD),
            F::Zip64 => Words::new("container/zip64", "the archive uses 64-bit fields, which no package needs", BUILD),
            F::DirectoryPosition => Words::new(
                "container/directory-position",
                "the archive's directory does not lie where its end says",
                HOSTILE,
            ),
            F::EntryCount => {
                Words::new("container/entry-count", "the archive has another number of entries than it says", HOSTILE)
            }
            F::DirectoryDamaged => {
                Words::new("container/directory-damaged", "the archive's directory cannot be read", DOWNLOAD)
            }
            F::DuplicateEntry => Words::new("container/duplicate-entry", "two entries have the same name", HOSTILE),
            F::NotSorted => Words::new("container/not-sorted", "the entries are not sorted by name", BUILD),
            F::Encrypted => Words::new("container/encrypted", "an entry is encrypted", BUILD),
            F::DataDescriptor => {
                Words::new("container/data-descriptor", "an entry gives its size after its bytes", BUILD)
            }
            F::Compressed => Words::new(
                "container/compressed",
                "an entry is compressed, which sealed packages never are",
                "this is a package of another tool; `guichet import` takes it over, `guichet build` makes one from its sources",
            ),
            F::Method(method) => Words::new(
                "container/method",
                format!("an entry is packed by method {method}, which MiniApp Packaging does not know"),
                BUILD,
            ),
            F::SizeMismatch => Words::new("container/size-mismatch", "an entry has two sizes", HOSTILE),
            F::Deflate => {
                Words::new("container/deflate", "an entry's compressed bytes do not unpack to one file", DOWNLOAD)
            }
            F::Ratio { most } => Words::new(
                "container/ratio",
                format!("an entry unpacks to more than {most} times its packed size"),
                "ask whoever sent it; if the file is meant, leave it out and let the app make it",
            ),
            F::Feature(what) => Words::new("container/feature", format!("an entry {what}"), BUILD),
            F::ExtraField => Words::new("container/extra-field", "an entry has an extra field", BUILD),
            F::UnicodePath => {
                Words::new("container/unicode-path", "an extra field gives an entry a second name", HOSTILE)
            }
            F::SymbolicLink => Words::new("container/symbolic-link", "an entry is a symbolic link", HOSTILE),
            F::FolderEntry => Words::new("container/folder-entry", "an entry is a folder", BUILD),
            F::NameEncoding => {
                Words::new("container/name-encoding", "an entry's name is not marked and written as UTF-8", BUILD)
            }
            F::Overlap => Words::new("container/overlap", "two entries share bytes", HOSTILE),
            F::HiddenBytes => {
                Words::new("container/hidden-bytes", "there are bytes that the directory does not list", HOSTILE)
            }
            F::LocalName => Words::new("container/local-name", "an entry has two names", HOSTILE),
            F::LocalSize => Words::new("container/local-size", "an entry's two headers give different sizes", HOSTILE),
            F::LocalChecksum => {
                Words::new("container/local-checksum", "an entry's two headers give different checksums", HOSTILE)
            }
            F::LocalHeader => Words::new("container/local-header", "an entry's two headers differ", HOSTILE),
            F::Checksum => {
                Words::new("container/checksum", "the file's bytes are not those that were packed", DOWNLOAD)
            }
            F::SigningBlock(why) => {
                Words::new("container/signing-block", format!("the signing block cannot be read: {why}"), DOWNLOAD)
            }
            F::NoSigningBlock => Words::new(
                "container/no-signing-block",
                "the package has no statement of its contents",
                "it was made by another tool; `guichet import` takes it over, `guichet build` makes one from its sources",
            ),
            F::NotCanonical => {
                Words::new("container/not-canonical", "the archive is not written in the one form a package has", BUILD)
            }
            F::TooLarge { most } => Words::new(
                "container/too-large",
                format!("the package is larger than {most} bytes"),
                "leave out what the app does not need",
            ),
            F::FileTooLarge { most } => Words::new(
                "container/file-too-large",
                format!("the file is larger than {most} bytes"),
                "make the file smaller, or serve it from the department's own server",
            ),
            F::FilesTooLarge { most } => Words::new(
                "container/files-too-large",
                format!("the files together are larger than {most} bytes"),
                "leave out what the app does not need",
            ),
            F::TooManyFiles { most } => Words::new(
                "container/too-many-files",
                format!("the package has more than {most} files"),
                "join small files, and keep tools' folders such as node_modules out of the package",
            ),
        }
    }
}
