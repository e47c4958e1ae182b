-- What machines look at before people do. A submission has one package for good, so its id and the check name the job.
CREATE TABLE jobs (
    submission   TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    kind         TEXT COLLATE "C" NOT NULL,
    heavy        BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    attempts     BIGINT NOT NULL,
    lease        TEXT COLLATE "C",
    until_ms     BIGINT,
    queued_at_ms BIGINT NOT NULL,
    begun_at_ms  BIGINT,
    ended_at_ms  BIGINT,
    result       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (submission, kind)
);

CREATE INDEX jobs_by_state ON jobs (state, heavy, queued_at_ms);
