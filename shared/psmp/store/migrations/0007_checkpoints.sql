-- migrate:up

-- The upper hashes of each project's Merkle tree (RFC 6962), in the tiles of C2SP tlog-tiles: the hash over the
-- 256 ^ level leaves from number index * 256 ^ level on, once they are all there. Level 0 is psmp.ledger.leaf.
CREATE TABLE psmp.tile (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant, project, level, index)
);

-- What the signer has signed, as the whole note with the cosignatures of witnesses. All of them together are the anchor
-- log: the text of number n is its n-th leaf, counted from 1.
CREATE TABLE psmp.checkpoint (
    number bigint PRIMARY KEY CHECK (number > 0),
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    position bigint NOT NULL CHECK (position > 0),
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    UNIQUE (tenant, project, size)
);
COMMENT ON COLUMN psmp.checkpoint.position IS 'where in the log the last record stands that it covers';
COMMENT ON COLUMN psmp.checkpoint.leaf IS 'the leaf hash of the anchor log: SHA-256(0x00 || text of the checkpoint)';

-- The checkpoints of the anchor log itself; its tree is small enough to need no tiles.
CREATE TABLE psmp.anchor (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.tile
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.anchor
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
ALTER TABLE psmp.tile ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE psmp.checkpoint ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE psmp.anchor ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT ON psmp.tile, psmp.checkpoint, psmp.anchor TO psmp_audit;
GRANT SELECT ON psmp.tile, psmp.checkpoint, psmp.anchor TO psmp_reader;

-- migrate:down

DROP TABLE psmp.anchor;
DROP TABLE psmp.checkpoint;
DROP TABLE psmp.tile;
