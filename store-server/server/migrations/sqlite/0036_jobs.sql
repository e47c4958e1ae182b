-- What machines look at before people do. A submission has one package for good, so its id and the check name the job.
CREATE TABLE jobs (
    submission   TEXT NOT NULL REFERENCES submissions (id),
    kind         TEXT NOT NULL,
    heavy        INTEGER NOT NULL,
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    lease        TEXT,
    until_ms     INTEGER,
    queued_at_ms INTEGER NOT NULL,
    begun_at_ms  INTEGER,
    ended_at_ms  INTEGER,
    result       TEXT NOT NULL,
    PRIMARY KEY (submission, kind)
) STRICT;

CREATE INDEX jobs_by_state ON jobs (state, heavy, queued_at_ms);
