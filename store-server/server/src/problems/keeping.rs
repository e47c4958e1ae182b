//! What is wrong with a folder, a backup or a database.

use guichet_api::Problem;

/// A file that the folder should have is not in it.
pub fn not_in_folder(path: &str) -> Problem {
    Problem::new(
        404,
        "file/missing",
        "the folder lacks a file that it has promised",
        "the copy is not complete: export it again, or copy it again; the mirror was not changed",
    )
    .at(Some(path.to_owned()))
}

/// A file of the folder is not what was signed.
pub fn not_as_signed(path: &str) -> Problem {
    Problem::new(
        422,
        "file/altered",
        "a file of the folder is not what was signed",
        "export it again with --all; if it stays so, somebody has changed it on the way. What the mirror offers was not changed",
    )
    .at(Some(path.to_owned()))
}

/// A backup goes into a folder of its own.
pub fn backup_not_empty(path: &str) -> Problem {
    Problem::new(409, "backup/not-empty", "there is something in this folder already", "name a new folder")
        .at(Some(path.to_owned()))
}

/// The last file of a backup is not there.
pub fn backup_unfinished(path: &str) -> Problem {
    Problem::new(
        422,
        "backup/unfinished",
        "this is no backup, or one that was never finished",
        "name the folder that `guichet-store backup` wrote; take another backup",
    )
    .at(Some(path.to_owned()))
}

/// A file of a backup is missing or is not the one that was written.
pub fn backup_altered(path: &str) -> Problem {
    Problem::new(422, "backup/altered", "a file of the backup is not as it was written", "take another backup or copy")
        .at(Some(path.to_owned()))
}

/// A later version wrote the backup.
pub fn backup_newer(path: &str) -> Problem {
    Problem::new(
        422,
        "backup/newer",
        "a later version of guichet-store wrote this backup",
        "restore it with that version or a later one",
    )
    .at(Some(path.to_owned()))
}

/// There is a store where one is to be made.
pub fn restore_not_empty(place: &str) -> Problem {
    Problem::new(
        409,
        "restore/not-empty",
        "there is a store here already",
        "restore into a new folder, and with --database into an empty database",
    )
    .at(Some(place.to_owned()))
}

/// The database of a store cannot be reached.
pub fn no_connection(place: &str, reason: &str) -> Problem {
    Problem::new(
        503,
        "database/unreachable",
        format!("the database cannot be reached: {reason}"),
        "start it, or correct --database: postgres://USER:PASSWORD@HOST/DATABASE, with ?sslrootcert=FILE for an authority of your own",
    )
    .at(Some(place.to_owned()))
}
