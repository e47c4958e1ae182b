-- Who has taken a submission on, what is said about it, and whether two reviewers must sign it though nothing widens.
CREATE TABLE claims (
    submission TEXT PRIMARY KEY REFERENCES submissions (id),
    person     TEXT NOT NULL REFERENCES people (id),
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE TABLE messages (
    id         TEXT PRIMARY KEY,
    submission TEXT NOT NULL REFERENCES submissions (id),
    person     TEXT NOT NULL REFERENCES people (id),
    text       TEXT NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_submission ON messages (submission, id);

ALTER TABLE submissions ADD COLUMN new_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN wide INTEGER NOT NULL DEFAULT 0;
