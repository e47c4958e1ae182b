-- Six roles, people who have left, people who have no token of their own, invitations, and sign-ins that can be looked at.
ALTER TABLE people DROP CONSTRAINT people_check;
ALTER TABLE people ALTER COLUMN token_sha256 DROP NOT NULL;
-- Nobody is forgotten: what they did refers to them.
ALTER TABLE people ADD COLUMN left_at_ms BIGINT;
ALTER TABLE people ADD CHECK ((role IN ('operator', 'auditor', 'administrator')) = (department IS NULL));

-- Whoever was signed in signs in again.
DROP TABLE sessions;
CREATE TABLE sessions (
    secret_sha256 TEXT COLLATE "C" PRIMARY KEY,
    id            TEXT COLLATE "C" NOT NULL UNIQUE,
    person        TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    opened_with   TEXT COLLATE "C" NOT NULL,
    browser       TEXT COLLATE "C" NOT NULL,
    opened_at_ms  BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE invitations (
    id            TEXT COLLATE "C" PRIMARY KEY,
    secret_sha256 TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    department    TEXT COLLATE "C" REFERENCES departments (id),
    -- None: by a command at the store itself.
    invited_by    TEXT COLLATE "C" REFERENCES people (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    -- Taken up or taken back.
    ended_at_ms   BIGINT,
    joined        TEXT COLLATE "C" REFERENCES people (id),
    CHECK ((role IN ('operator', 'auditor', 'administrator')) = (department IS NULL))
);
