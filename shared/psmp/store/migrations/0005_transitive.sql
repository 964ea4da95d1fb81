-- migrate:up

-- Whether all can be installed together with everything that packages need themselves, as far as that was checked.
ALTER TABLE psmp.project
ADD COLUMN transitive jsonb NOT NULL
DEFAULT '{"verdict": "unchecked", "reasons": [], "sequence": null, "exclude_newer": null}';

-- migrate:down

ALTER TABLE psmp.project
DROP COLUMN transitive;
