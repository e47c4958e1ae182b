-- What was answered to whom, so that who asks the same again under the same key gets the same answer.
CREATE TABLE idempotency (
    key_sha256     TEXT COLLATE "C" PRIMARY KEY,
    owner_sha256   TEXT COLLATE "C" NOT NULL,
    request_sha256 TEXT COLLATE "C" NOT NULL,
    begun_at_ms    BIGINT NOT NULL,
    done           BIGINT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    answer         TEXT COLLATE "C" NOT NULL
);

CREATE INDEX idempotency_by_owner ON idempotency (owner_sha256);
CREATE INDEX idempotency_by_time ON idempotency (begun_at_ms);
