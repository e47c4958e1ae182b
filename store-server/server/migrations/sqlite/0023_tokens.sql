-- Tokens for machines: each may do some of what its person may, for a time.
CREATE TABLE tokens (
    id            TEXT PRIMARY KEY,
    token_sha256  TEXT NOT NULL UNIQUE,
    person        TEXT NOT NULL REFERENCES people (id),
    name          TEXT NOT NULL,
    -- Words of the table of roles, separated by spaces.
    actions       TEXT NOT NULL,
    -- None: wherever its person may.
    department    TEXT REFERENCES departments (id),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;

CREATE INDEX tokens_by_person ON tokens (person);
