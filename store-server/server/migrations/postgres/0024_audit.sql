-- Who did what, and what was refused: each entry with the hash of the one before it. Rows are added and never changed.
CREATE TABLE audit (
    position   BIGINT PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    -- None: a command at the store itself.
    person     TEXT COLLATE "C",
    name       TEXT COLLATE "C" NOT NULL,
    deed       TEXT COLLATE "C" NOT NULL,
    about      TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C",
    outcome    TEXT COLLATE "C" NOT NULL,
    why        TEXT COLLATE "C",
    before     TEXT COLLATE "C",
    after      TEXT COLLATE "C",
    previous   TEXT COLLATE "C" NOT NULL,
    hash       TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE INDEX audit_by_department ON audit (department, position);

-- What was signed of it, once a day.
CREATE TABLE audit_heads (
    size   BIGINT PRIMARY KEY,
    signed TEXT COLLATE "C" NOT NULL,
    at_ms  BIGINT NOT NULL
);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
CREATE TRIGGER audit_heads_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
