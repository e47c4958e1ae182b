-- Who at an organisation is who at the store.

CREATE TABLE identities (
    issuer       TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES people (id),
    linked_at_ms BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
