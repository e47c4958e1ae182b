-- How a release begins, and how far it was let out since.
ALTER TABLE submissions ADD COLUMN ceiling INTEGER;
ALTER TABLE submissions ADD COLUMN not_before_ms INTEGER;
-- None: it was halted, or let go on as far as before.
ALTER TABLE brakes ADD COLUMN ceiling INTEGER;
