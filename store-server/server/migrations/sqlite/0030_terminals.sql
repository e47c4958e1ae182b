-- Terminals of halls: who they are, what they are to do, and how they were when they last said so.
CREATE TABLE terminals (
    id             TEXT PRIMARY KEY,
    hall           TEXT NOT NULL,
    name           TEXT NOT NULL,
    public_key     TEXT NOT NULL UNIQUE,
    enrolled_at_ms INTEGER NOT NULL,
    -- The signed policy it is to have.
    policy         TEXT NOT NULL,
    policy_sequence INTEGER NOT NULL,
    -- The highest number it has signed.
    told           INTEGER NOT NULL,
    seen_at_ms     INTEGER NOT NULL,
    -- What it said then; empty if nothing yet.
    report         TEXT NOT NULL,
    picture_asked_at_ms INTEGER,
    picture_at_ms  INTEGER,
    picture        BLOB,
    revoked_at_ms  INTEGER,
    revoked_why    TEXT
) STRICT;

-- Two terminals of one place would be one in everybody's mouth.
CREATE UNIQUE INDEX terminals_by_place ON terminals (hall, name) WHERE revoked_at_ms IS NULL;

-- Codes with which a terminal makes itself known, once. Only digests are kept.
CREATE TABLE enrolment_codes (
    id            TEXT PRIMARY KEY,
    code_sha256   TEXT NOT NULL UNIQUE,
    hall          TEXT NOT NULL,
    name          TEXT NOT NULL,
    policy        TEXT NOT NULL,
    policy_sequence INTEGER NOT NULL,
    made_by       TEXT REFERENCES people (id),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER
) STRICT;

-- What each terminal said last within each hour, for thirty days.
CREATE TABLE heartbeats (
    terminal TEXT NOT NULL REFERENCES terminals (id),
    hour_ms  INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    report   TEXT NOT NULL,
    PRIMARY KEY (terminal, hour_ms)
) STRICT;
