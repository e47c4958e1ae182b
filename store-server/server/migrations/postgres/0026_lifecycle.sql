-- One life for every submission: what was refused waits for changes, what was withdrawn is a draft again, and what was
-- released says whether it still is.
ALTER TABLE submissions ADD COLUMN handed_in_by TEXT COLLATE "C" REFERENCES people (id);

UPDATE submissions SET state = 'changes_requested' WHERE state = 'refused';
UPDATE submissions SET state = 'draft' WHERE state = 'withdrawn';
UPDATE history SET state = 'changes_requested' WHERE state = 'refused';
UPDATE history SET state = 'draft' WHERE state = 'withdrawn';

UPDATE submissions SET state = 'recalled' WHERE state = 'released' AND kind <> 'recall' AND EXISTS (
    SELECT 1 FROM submissions AS newer
    WHERE newer.kind = 'recall' AND newer.state = 'released' AND newer.app_id = submissions.app_id
      AND newer.channel = submissions.channel AND newer.sequence > submissions.sequence
      AND newer.package_sha256 = submissions.package_sha256
);

UPDATE submissions SET state = 'superseded' WHERE state = 'released' AND EXISTS (
    SELECT 1 FROM log
    WHERE log.app_id = submissions.app_id AND log.channel = submissions.channel AND log.sequence > submissions.sequence
);

UPDATE submissions SET state = 'paused' WHERE state = 'released' AND EXISTS (
    SELECT 1 FROM brakes
    WHERE brakes.app_id = submissions.app_id AND brakes.channel = submissions.channel AND brakes.halted = 1
      AND brakes.sequence >= submissions.sequence AND NOT EXISTS (
        SELECT 1 FROM brakes AS later
        WHERE later.app_id = brakes.app_id AND later.channel = brakes.channel AND later.position > brakes.position
    )
);
