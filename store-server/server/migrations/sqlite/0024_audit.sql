-- Who did what, and what was refused: each entry with the hash of the one before it. Rows are added and never changed.
CREATE TABLE audit (
    position   INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    -- None: a command at the store itself.
    person     TEXT,
    name       TEXT NOT NULL,
    deed       TEXT NOT NULL,
    about      TEXT NOT NULL,
    department TEXT,
    outcome    TEXT NOT NULL,
    why        TEXT,
    before     TEXT,
    after      TEXT,
    previous   TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE
) STRICT;

CREATE INDEX audit_by_department ON audit (department, position);

-- What was signed of it, once a day.
CREATE TABLE audit_heads (
    size   INTEGER PRIMARY KEY,
    signed TEXT NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_heads_are_never_changed BEFORE UPDATE ON audit_heads
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_heads_are_never_removed BEFORE DELETE ON audit_heads
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
