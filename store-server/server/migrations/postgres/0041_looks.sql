-- How icons look, so that they can be compared: it follows from the file and can be told again.
CREATE TABLE looks (
    sha256 TEXT COLLATE "C" PRIMARY KEY,
    look   TEXT COLLATE "C" NOT NULL
);
