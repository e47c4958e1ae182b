-- Who tries a version out before it is handed in.
CREATE TABLE testers (
    submission TEXT NOT NULL REFERENCES submissions (id),
    person     TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (submission, person)
) STRICT;
