"""Which migrations a database lacks, and when nothing may be done to it."""

from pathlib import Path

import pytest

from psmp.store.migrate import DatabaseNewer, Migration, MigrationEdited, migrations, pending
from psmp.store.statements import load

ONE = Migration("0001_one.sql", "", "", "aa")
TWO = Migration("0002_two.sql", "", "", "bb")


def test_what_was_not_applied_is_pending_in_order() -> None:
    assert pending([ONE, TWO], {}) == [ONE, TWO]
    assert pending([ONE, TWO], {"0001": "aa"}) == [TWO]
    assert pending([ONE, TWO], {"0001": "aa", "0002": "bb"}) == []


def test_a_checksum_that_another_tool_did_not_write_is_not_held_against_the_file() -> None:
    assert pending([ONE, TWO], {"0001": None}) == [TWO]


def test_an_edited_file_is_named() -> None:
    with pytest.raises(MigrationEdited, match=r"0001_one\.sql was edited") as caught:
        pending([ONE, TWO], {"0001": "cc"})
    assert caught.value.name == "0001_one.sql"
    assert caught.value.hint


def test_a_database_with_unknown_migrations_is_newer_than_the_code() -> None:
    with pytest.raises(DatabaseNewer, match="0003, 0004") as caught:
        pending([ONE, TWO], {"0001": "aa", "0004": "dd", "0003": "cc"})
    assert caught.value.versions == ("0003", "0004")


def test_a_file_has_two_parts(tmp_path: Path) -> None:
    path = tmp_path / "0007_seven.sql"
    path.write_text("-- migrate:up\nCREATE TABLE t ();\n\n-- migrate:down\nDROP TABLE t;\n")
    read = Migration.read(path)
    assert (read.version, read.up.strip(), read.down.strip()) == ("0007", "CREATE TABLE t ();", "DROP TABLE t;")
    path.write_text("-- migrate:up\nCREATE TABLE t ();\n")
    with pytest.raises(ValueError, match=r"0007_seven\.sql has no"):
        Migration.read(path)


def test_every_file_of_ours_has_a_number_of_its_own() -> None:
    versions = [each.version for each in migrations()]
    assert all(len(version) == 4 and version.isdecimal() for version in versions)
    assert versions == sorted(set(versions))


def test_statements_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "module.sql").write_text(
        "-- about all\n\n-- name: one\nSELECT 1;\n\n-- name: two_lines\nSELECT\n  2;\n"
    )
    assert load(str(tmp_path / "module.py")) == {"one": "SELECT 1;", "two_lines": "SELECT\n  2;"}
