-- Everything the store knows. The static files are made from this and can be made again.

CREATE TABLE departments (
    id             TEXT PRIMARY KEY,
    name_zh        TEXT NOT NULL,
    name_en        TEXT NOT NULL,
    wide_threshold INTEGER NOT NULL,
    created_at_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE prefixes (
    prefix     TEXT PRIMARY KEY,
    department TEXT NOT NULL REFERENCES departments (id)
) STRICT;

CREATE TABLE publisher_keys (
    department    TEXT NOT NULL REFERENCES departments (id),
    key           TEXT NOT NULL UNIQUE,
    from_position INTEGER NOT NULL,
    revoked       INTEGER NOT NULL DEFAULT 0,
    added_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (department, key)
) STRICT;

CREATE TABLE reviewer_keys (
    department  TEXT NOT NULL REFERENCES departments (id),
    key         TEXT NOT NULL,
    added_at_ms INTEGER NOT NULL,
    PRIMARY KEY (department, key)
) STRICT;

CREATE TABLE people (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL,
    department    TEXT REFERENCES departments (id),
    token_sha256  TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    CHECK ((role = 'administrator') = (department IS NULL))
) STRICT;

CREATE TABLE sessions (
    secret_sha256 TEXT PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES people (id),
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE submissions (
    id               TEXT PRIMARY KEY,
    app_id           TEXT NOT NULL,
    department       TEXT NOT NULL REFERENCES departments (id),
    channel          TEXT NOT NULL,
    version_code     INTEGER NOT NULL,
    version_name     TEXT NOT NULL,
    sequence         INTEGER NOT NULL,
    state            TEXT NOT NULL,
    package_sha256   TEXT NOT NULL,
    package_length   INTEGER NOT NULL,
    release_document BLOB NOT NULL,
    blobs            TEXT NOT NULL,
    names            TEXT NOT NULL,
    glaze            TEXT NOT NULL,
    widens           TEXT NOT NULL,
    refusal_reason   TEXT,
    submitted_by     TEXT NOT NULL REFERENCES people (id),
    submitted_at_ms  INTEGER NOT NULL,
    -- A version code names one content for ever, whatever became of it.
    UNIQUE (app_id, version_code)
) STRICT;

CREATE INDEX submissions_by_department ON submissions (department, state);

CREATE TABLE history (
    submission TEXT NOT NULL REFERENCES submissions (id),
    step       INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    person     TEXT NOT NULL REFERENCES people (id),
    state      TEXT NOT NULL,
    note       TEXT,
    PRIMARY KEY (submission, step)
) STRICT;

CREATE TABLE approvals (
    submission TEXT NOT NULL REFERENCES submissions (id),
    person     TEXT NOT NULL REFERENCES people (id),
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (submission, person)
) STRICT;

-- Role documents that still lack signatures.
CREATE TABLE pending_documents (
    submission TEXT NOT NULL REFERENCES submissions (id),
    role       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    document   BLOB NOT NULL,
    PRIMARY KEY (submission, role)
) STRICT;

-- Every metadata document ever signed, as published.
CREATE TABLE metadata (
    role     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (role, version)
) STRICT;

-- Every target file that metadata lists or listed.
CREATE TABLE targets (
    path    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (path, sha256)
) STRICT;

-- Releases in the order they were made. Rows are added and never changed.
CREATE TABLE log (
    position         INTEGER PRIMARY KEY,
    submission       TEXT NOT NULL UNIQUE REFERENCES submissions (id),
    app_id           TEXT NOT NULL,
    channel          TEXT NOT NULL,
    sequence         INTEGER NOT NULL,
    release_document BLOB NOT NULL,
    at_ms            INTEGER NOT NULL,
    UNIQUE (app_id, channel, sequence)
) STRICT;

CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

CREATE TRIGGER log_is_never_shortened BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;
