-- no-transaction
-- Six roles, people who have left, people who have no token of their own, invitations, and sign-ins that can be looked at.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

CREATE TABLE people_next (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL,
    department    TEXT REFERENCES departments (id),
    token_sha256  TEXT UNIQUE,
    created_at_ms INTEGER NOT NULL,
    -- Nobody is forgotten: what they did refers to them.
    left_at_ms    INTEGER,
    CHECK ((role IN ('operator', 'auditor', 'administrator')) = (department IS NULL))
) STRICT;

INSERT INTO people_next (id, name, role, department, token_sha256, created_at_ms)
SELECT id, name, role, department, token_sha256, created_at_ms FROM people;

DROP TABLE people;
ALTER TABLE people_next RENAME TO people;

-- Whoever was signed in signs in again.
DROP TABLE sessions;
CREATE TABLE sessions (
    secret_sha256 TEXT PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    person        TEXT NOT NULL REFERENCES people (id),
    opened_with   TEXT NOT NULL,
    browser       TEXT NOT NULL,
    opened_at_ms  INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE invitations (
    id            TEXT PRIMARY KEY,
    secret_sha256 TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    department    TEXT REFERENCES departments (id),
    -- None: by a command at the store itself.
    invited_by    TEXT REFERENCES people (id),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    -- Taken up or taken back.
    ended_at_ms   INTEGER,
    joined        TEXT REFERENCES people (id),
    CHECK ((role IN ('operator', 'auditor', 'administrator')) = (department IS NULL))
) STRICT;

COMMIT;
PRAGMA foreign_keys = ON;
