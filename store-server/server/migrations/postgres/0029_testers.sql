-- Who tries a version out before it is handed in.
CREATE TABLE testers (
    submission TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    person     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    PRIMARY KEY (submission, person)
);
