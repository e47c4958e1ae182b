-- Who may sign for a department, and how many of them must, is what the metadata says; a second record of it went stale
-- at the first key ceremony.
DROP TABLE reviewer_keys;
ALTER TABLE departments DROP COLUMN wide_threshold;
