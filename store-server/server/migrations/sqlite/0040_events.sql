-- What apps have counted, added up by the day in UTC on which it was told. No row is about a device or a person.

CREATE TABLE events (
    app_id   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event    TEXT NOT NULL,
    day_ms   INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (app_id, channel, day_ms, sequence, event)
) STRICT;
