-- The transparency log: what everybody can see of the releases, and who has seen it.

-- One leaf for each release, in the order of `log`. Rows are added and never changed.
CREATE TABLE leaves (
    position INTEGER PRIMARY KEY REFERENCES log (position),
    leaf     BLOB NOT NULL
) STRICT;

CREATE TRIGGER leaves_are_never_changed BEFORE UPDATE ON leaves
BEGIN
    SELECT RAISE(ABORT, 'leaves are append-only');
END;

CREATE TRIGGER leaves_are_never_removed BEFORE DELETE ON leaves
BEGIN
    SELECT RAISE(ABORT, 'leaves are append-only');
END;

-- The tree over them, up to 256 hashes a row; rows only grow.
CREATE TABLE tiles (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT;

-- Every tree the log's key has signed, before anybody is shown the signature; and with what witnesses added to it, once
-- they were enough.
CREATE TABLE checkpoints (
    size      INTEGER PRIMARY KEY,
    signed    TEXT NOT NULL,
    witnessed TEXT,
    -- Whether every proof leads to this one, because the policy had changed.
    is_anew   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER checkpoints_are_never_removed BEFORE DELETE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;

-- Role documents that are signed and may not be listed before the log shows their release.
CREATE TABLE waiting (
    role     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    position INTEGER NOT NULL REFERENCES log (position),
    PRIMARY KEY (role, version),
    FOREIGN KEY (role, version) REFERENCES metadata (role, version)
) STRICT;

CREATE TABLE witnesses (
    key         TEXT PRIMARY KEY,
    url         TEXT NOT NULL,
    -- The size of the tree it is known to have seen; only a guess that saves a question.
    size        INTEGER NOT NULL DEFAULT 0,
    added_at_ms INTEGER NOT NULL
) STRICT;

-- How many of them must sign: one row.
CREATE TABLE quorum (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    needed  INTEGER NOT NULL,
    -- Whether it changed since the proofs were last made.
    changed INTEGER NOT NULL
) STRICT;

INSERT INTO quorum VALUES (1, 0, 0);
