"""Reads and checks a log in the form of C2SP tlog-tiles, written from the specification and sharing nothing with PSMP.

Nothing of ours is imported: hashes are made by RFC 6962's definition, signatures are checked by signed-note's.
"""

from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def open_checkpoint(raw: str, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that this key has signed; asserts that it has."""
    text, _, signatures = raw.rpartition("\n\n")
    text += "\n"
    name, identity, encoded = vkey.split("+", 2)
    public = b64decode(encoded)
    assert public[0] == 1
    assert sha256(name.encode() + b"\n" + public).digest()[:4].hex() == identity
    good = 0
    for line in signatures.splitlines():
        dash, who, signature = line.split(" ")
        blob = b64decode(signature)
        assert dash == "—"
        if who == name and blob[:4].hex() == identity:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(blob[4:], text.encode())
            good += 1
    assert good == 1
    origin, size, root = text.splitlines()
    return origin, int(size), b64decode(root)


def mth(hashes: list[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes, as section 2.1 defines it."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while 2 * half < len(hashes):
        half *= 2
    return sha256(b"\x01" + mth(hashes[:half]) + mth(hashes[half:])).digest()


def place(level: str, index: int, width: int) -> str:
    """The path of a tile."""
    parts: list[str] = []
    rest = index
    while True:
        rest, part = divmod(rest, 1000)
        parts.insert(0, f"{part:03d}" if not parts else f"x{part:03d}")
        if rest == 0:
            break
    return f"tile/{level}/" + "/".join(parts) + ("" if width == 256 else f".p/{width}")


def read(folder: Path, vkey: str) -> tuple[str, list[bytes]]:
    """The origin and every record of the log in ``folder``; asserts that every file is as it must be."""
    origin, size, root = open_checkpoint((folder / "checkpoint").read_text(), vkey)
    wanted = {"checkpoint"}
    records: list[bytes] = []
    leaves: list[bytes] = []
    level, below = 0, size
    while below:
        hashes: list[bytes] = []
        for index in range(-(-below // 256)):
            width = min(256, below - 256 * index)
            wanted.add(place(str(level), index, width))
            tile = (folder / place(str(level), index, width)).read_bytes()
            assert len(tile) == 32 * width
            hashes += [tile[at : at + 32] for at in range(0, len(tile), 32)]
            if level == 0:
                wanted.add(place("entries", index, width))
                records += bundle((folder / place("entries", index, width)).read_bytes(), width)
        span = 256**level
        leaves = leaves or hashes
        assert hashes == [mth(leaves[at * span : (at + 1) * span]) for at in range(below)]
        level, below = level + 1, below // 256
    assert [sha256(b"\x00" + record).digest() for record in records] == leaves
    assert mth(leaves) == root
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == wanted
    return origin, records


def bundle(raw: bytes, width: int) -> list[bytes]:
    """The records of an entry bundle."""
    found: list[bytes] = []
    while raw:
        length = int.from_bytes(raw[:2], "big")
        found.append(raw[2 : 2 + length])
        assert len(found[-1]) == length
        raw = raw[2 + length :]
    assert len(found) == width
    return found
