"""What lies beside a diff is what it found, what it leaves, or neither: then nothing is said of the base."""

from dataclasses import replace

from psmp.cli.diffs.beside import base_of, is_result
from psmp.cli.diffs.unified import blob_id
from psmp.compat.paths.edits import Edit, FileChange

BEFORE, AFTER = b"one\ntwo\nthree\nfour", b"one\n2\n2.5\nthree\n"
EDITS = (Edit(2, (b"two\n",), (b"2\n", b"2.5\n")), Edit(4, (b"four",), ()))
CHANGE = FileChange("a.py", "write", edits=EDITS)


def test_the_base_is_what_lies_there_or_what_became_it() -> None:
    assert base_of(CHANGE, BEFORE) == blob_id(BEFORE)
    assert base_of(CHANGE, AFTER) == blob_id(b"one\ntwo\nthree\nfour")
    assert (is_result(CHANGE, AFTER), is_result(CHANGE, BEFORE)) == (True, False)


def test_of_what_is_neither_nothing_is_said() -> None:
    assert base_of(CHANGE, b"one\n3\nthree\nfour") is None
    assert base_of(replace(CHANGE, edits=None), BEFORE) is None


def test_what_is_left_is_known_by_its_id_where_that_is_told() -> None:
    told = replace(CHANGE, result=blob_id(AFTER)[:7])
    assert (is_result(told, AFTER), is_result(told, AFTER + b"\n")) == (True, False)
