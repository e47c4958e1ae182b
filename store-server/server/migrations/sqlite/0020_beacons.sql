-- What became of releases on devices, added up by the hour in which it was told. No row is about a device.

CREATE TABLE beacons (
    app_id   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    hour_ms  INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (app_id, channel, sequence, kind, hour_ms)
) STRICT;
