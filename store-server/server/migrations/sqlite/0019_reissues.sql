-- no-transaction
-- A submission may hand in an earlier release again, or take one back: then its version is not new.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

CREATE TABLE submissions_next (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL DEFAULT 'package',
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
    submitted_at_ms  INTEGER NOT NULL
) STRICT;

INSERT INTO submissions_next (id, app_id, department, channel, version_code, version_name, sequence, state,
    package_sha256, package_length, release_document, blobs, names, glaze, widens, refusal_reason, submitted_by,
    submitted_at_ms)
SELECT id, app_id, department, channel, version_code, version_name, sequence, state, package_sha256, package_length,
    release_document, blobs, names, glaze, widens, refusal_reason, submitted_by, submitted_at_ms FROM submissions;

DROP TABLE submissions;
ALTER TABLE submissions_next RENAME TO submissions;
CREATE INDEX submissions_by_department ON submissions (department, state);
-- A version code names one content for ever, whatever became of it.
CREATE UNIQUE INDEX submissions_by_version ON submissions (app_id, version_code) WHERE kind = 'package';

COMMIT;
PRAGMA foreign_keys = ON;
