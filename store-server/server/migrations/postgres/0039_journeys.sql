-- What a check is given besides the package: the journeys that its publisher sent.
ALTER TABLE jobs ADD COLUMN input TEXT COLLATE "C";
