-- What operators took off the shelf and put back, in the order it happened. Rows are added and never changed.

CREATE TABLE shelf (
    position INTEGER PRIMARY KEY,
    app_id   TEXT NOT NULL,
    is_off   INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT;

CREATE INDEX shelf_by_app ON shelf (app_id);

CREATE TRIGGER shelf_is_never_changed BEFORE UPDATE ON shelf
BEGIN
    SELECT RAISE(ABORT, 'shelf is append-only');
END;

CREATE TRIGGER shelf_is_never_removed BEFORE DELETE ON shelf
BEGIN
    SELECT RAISE(ABORT, 'shelf is append-only');
END;

-- What the catalogue says of a package, read out of it once: it follows from the package and can be read again.
CREATE TABLE facts (
    package_sha256 TEXT PRIMARY KEY NOT NULL,
    facts          TEXT NOT NULL
) STRICT;
