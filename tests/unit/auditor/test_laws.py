"""What holds of every bundle, however it is changed."""

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from psmp.auditor.__main__ import main
from psmp.words.ids import ProjectKey
from tests.bundles import Log, Maker, honest, key_file, lines, receipt, rechained


@cache
def contents() -> dict[str, bytes]:
    return Maker([honest(), honest(9, ProjectKey("acme", "other"))], files={"sbom/rag.json": b"{}"}).contents()


def ends(files: dict[str, bytes], *words: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in (files | {"../keys": key_file().encode()}).items():
            path = Path(folder, "bundle", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        for number, word in enumerate(words):
            Path(folder, f"receipts{number}").write_text(word)
        besides = [part for number in range(len(words)) for part in ("--receipts", f"{folder}/receipts{number}")]
        return main([f"{folder}/bundle", "--keys", f"{folder}/keys", *besides])


def test_the_bundle_of_these_laws_holds() -> None:
    assert ends(contents()) == 0


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(contents())), st.data())
def test_any_byte_changed_in_any_file_is_found(name: str, data: st.DataObject) -> None:
    """There is no exception in a bundle that was signed; in others the manifest could say another ``made_at``."""
    raw = bytearray(contents()[name])
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    assert ends(contents() | {name: bytes(raw)}) != 0


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(contents())))
def test_any_file_left_out_is_found(name: str) -> None:
    left = {each: raw for each, raw in contents().items() if each != name}
    assert (ends(left) != 0) is (name != "manifest.note")  # an unsigned bundle is one too, and --signed asks for more


CHANGES = ("drop", "duplicate", "swap")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CHANGES), st.integers(0, 19), st.integers(0, 19), st.booleans())
def test_any_record_dropped_duplicated_or_swapped_is_found(how: str, one: int, other: int, relinked: bool) -> None:
    """Also where the manifest is made and signed anew; the last records are held by receipts."""
    log = honest()
    records = list(log.records)
    match how:
        case "drop":
            del records[one]
        case "duplicate":
            records.insert(other, records[one])
        case "swap":
            records[one], records[other] = records[other], records[one]
    whole = relinked and how != "duplicate"
    records = rechained(records) if whole else records
    promised = [receipt(log.origin, number, body) for number, body in enumerate(log.records, 1)]
    changed = records != log.records
    files = Maker([Log(log.key, records, log.notes)]).contents()
    assert (ends(files, lines(promised)) == 7) is changed
