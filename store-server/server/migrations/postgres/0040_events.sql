-- What apps have counted, added up by the day in UTC on which it was told. No row is about a device or a person.

CREATE TABLE events (
    app_id   TEXT COLLATE "C" NOT NULL,
    channel  TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event    TEXT COLLATE "C" NOT NULL,
    day_ms   BIGINT NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (app_id, channel, day_ms, sequence, event)
);
