-- Tokens for machines: each may do some of what its person may, for a time.
CREATE TABLE tokens (
    id            TEXT COLLATE "C" PRIMARY KEY,
    token_sha256  TEXT COLLATE "C" NOT NULL UNIQUE,
    person        TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    name          TEXT COLLATE "C" NOT NULL,
    -- Words of the table of roles, separated by spaces.
    actions       TEXT COLLATE "C" NOT NULL,
    -- None: wherever its person may.
    department    TEXT COLLATE "C" REFERENCES departments (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT
);

CREATE INDEX tokens_by_person ON tokens (person);
