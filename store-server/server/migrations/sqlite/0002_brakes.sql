-- What operators halted and let go on, in the order it happened. Rows are added and never changed.

CREATE TABLE brakes (
    position INTEGER PRIMARY KEY,
    app_id   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    halted   INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT;

CREATE INDEX brakes_by_app ON brakes (app_id, channel);

CREATE TRIGGER brakes_are_never_changed BEFORE UPDATE ON brakes
BEGIN
    SELECT RAISE(ABORT, 'brakes are append-only');
END;

CREATE TRIGGER brakes_are_never_removed BEFORE DELETE ON brakes
BEGIN
    SELECT RAISE(ABORT, 'brakes are append-only');
END;
