-- Who has taken a submission on, what is said about it, and whether two reviewers must sign it though nothing widens.
CREATE TABLE claims (
    submission TEXT COLLATE "C" PRIMARY KEY REFERENCES submissions (id),
    person     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    at_ms      BIGINT NOT NULL
);

CREATE TABLE messages (
    id         TEXT COLLATE "C" PRIMARY KEY,
    submission TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    person     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    text       TEXT COLLATE "C" NOT NULL,
    at_ms      BIGINT NOT NULL
);

CREATE INDEX messages_by_submission ON messages (submission, id);

ALTER TABLE submissions ADD COLUMN new_key BIGINT NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN wide BIGINT NOT NULL DEFAULT 0;
