-- What was answered to whom, so that who asks the same again under the same key gets the same answer.
CREATE TABLE idempotency (
    key_sha256     TEXT PRIMARY KEY NOT NULL,
    owner_sha256   TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    begun_at_ms    INTEGER NOT NULL,
    done           INTEGER NOT NULL,
    state          TEXT NOT NULL,
    answer         TEXT NOT NULL
) STRICT;

CREATE INDEX idempotency_by_owner ON idempotency (owner_sha256);
CREATE INDEX idempotency_by_time ON idempotency (begun_at_ms);
