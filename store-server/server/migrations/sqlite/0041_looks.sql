-- How icons look, so that they can be compared: it follows from the file and can be told again.
CREATE TABLE looks (
    sha256 TEXT PRIMARY KEY NOT NULL,
    look   TEXT NOT NULL
) STRICT;
