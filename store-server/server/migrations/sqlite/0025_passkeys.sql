-- Passkeys: public keys whose secrets never leave their authenticators, and what was decided with them.
CREATE TABLE passkeys (
    -- The credential's id, base64url.
    id            TEXT PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES people (id),
    name          TEXT NOT NULL,
    -- SubjectPublicKeyInfo.
    public_key    BLOB NOT NULL,
    counter       INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    removed_at_ms INTEGER
) STRICT;

CREATE INDEX passkeys_by_person ON passkeys (person);

-- What somebody has agreed to at the console: this very release, with all that proves it.
CREATE TABLE decisions (
    submission     TEXT NOT NULL REFERENCES submissions (id),
    person         TEXT NOT NULL REFERENCES people (id),
    release_sha256 TEXT NOT NULL,
    nonce          TEXT NOT NULL,
    passkey        TEXT NOT NULL REFERENCES passkeys (id),
    assertion      TEXT NOT NULL,
    at_ms          INTEGER NOT NULL,
    PRIMARY KEY (submission, person)
) STRICT;
