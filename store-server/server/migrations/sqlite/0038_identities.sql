-- Who at an organisation is who at the store.

CREATE TABLE identities (
    issuer       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    person       TEXT NOT NULL UNIQUE REFERENCES people (id),
    linked_at_ms INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;
