-- Passkeys: public keys whose secrets never leave their authenticators, and what was decided with them.
CREATE TABLE passkeys (
    -- The credential's id, base64url.
    id            TEXT COLLATE "C" PRIMARY KEY,
    person        TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    name          TEXT COLLATE "C" NOT NULL,
    -- SubjectPublicKeyInfo.
    public_key    BYTEA NOT NULL,
    counter       BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    removed_at_ms BIGINT
);

CREATE INDEX passkeys_by_person ON passkeys (person);

-- What somebody has agreed to at the console: this very release, with all that proves it.
CREATE TABLE decisions (
    submission     TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    person         TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    release_sha256 TEXT COLLATE "C" NOT NULL,
    nonce          TEXT COLLATE "C" NOT NULL,
    passkey        TEXT COLLATE "C" NOT NULL REFERENCES passkeys (id),
    assertion      TEXT COLLATE "C" NOT NULL,
    at_ms          BIGINT NOT NULL,
    PRIMARY KEY (submission, person)
);
