-- How a release begins, and how far it was let out since.
ALTER TABLE submissions ADD COLUMN ceiling BIGINT;
ALTER TABLE submissions ADD COLUMN not_before_ms BIGINT;
-- None: it was halted, or let go on as far as before.
ALTER TABLE brakes ADD COLUMN ceiling BIGINT;
