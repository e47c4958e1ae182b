-- Terminals of halls: who they are, what they are to do, and how they were when they last said so.
CREATE TABLE terminals (
    id             TEXT COLLATE "C" PRIMARY KEY,
    hall           TEXT COLLATE "C" NOT NULL,
    name           TEXT COLLATE "C" NOT NULL,
    public_key     TEXT COLLATE "C" NOT NULL UNIQUE,
    enrolled_at_ms BIGINT NOT NULL,
    -- The signed policy it is to have.
    policy         TEXT COLLATE "C" NOT NULL,
    policy_sequence BIGINT NOT NULL,
    -- The highest number it has signed.
    told           BIGINT NOT NULL,
    seen_at_ms     BIGINT NOT NULL,
    -- What it said then; empty if nothing yet.
    report         TEXT COLLATE "C" NOT NULL,
    picture_asked_at_ms BIGINT,
    picture_at_ms  BIGINT,
    picture        BYTEA,
    revoked_at_ms  BIGINT,
    revoked_why    TEXT COLLATE "C"
);

-- Two terminals of one place would be one in everybody's mouth.
CREATE UNIQUE INDEX terminals_by_place ON terminals (hall, name) WHERE revoked_at_ms IS NULL;

-- Codes with which a terminal makes itself known, once. Only digests are kept.
CREATE TABLE enrolment_codes (
    id            TEXT COLLATE "C" PRIMARY KEY,
    code_sha256   TEXT COLLATE "C" NOT NULL UNIQUE,
    hall          TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    policy        TEXT COLLATE "C" NOT NULL,
    policy_sequence BIGINT NOT NULL,
    made_by       TEXT COLLATE "C" REFERENCES people (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    used_at_ms    BIGINT
);

-- What each terminal said last within each hour, for thirty days.
CREATE TABLE heartbeats (
    terminal TEXT COLLATE "C" NOT NULL REFERENCES terminals (id),
    hour_ms  BIGINT NOT NULL,
    at_ms    BIGINT NOT NULL,
    report   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (terminal, hour_ms)
);
