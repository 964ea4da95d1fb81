"""Every tampering is made, and is found by what the documentation says that it is found by, and by nothing less."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from psmp.auditor.__main__ import main
from psmp.auditor.records import span
from tests.bundles import Maker, honest, key_file, lines
from tests.tampering import DEFENCES, KEPT, RECEIPTS, TAMPERINGS, Defence, Tampering, audited, first

MISSED = None
# For each tampering what each defence says, in their order: the kind, the first record and the last it can be in.
EXPECTED: dict[str, Sequence[tuple[str, int, int] | None]] = {
    "edit": [("chain", 5, 6)] * 3 + [("too few witnesses", 1, 19), ("chain", 5, 6), ("receipt", 5, 5)],
    "edit, re-chained": [
        *(MISSED, ("root", 1, 8), MISSED),
        *(("too few witnesses", 1, 19), ("root", 1, 16), ("receipt", 5, 5)),
    ],
    "delete": [("gap", 5, 5)] * 3 + [("too few witnesses", 1, 19), ("gap", 5, 5), ("gap", 5, 5)],
    "delete, re-chained": [
        *(MISSED, ("root", 1, 8), MISSED),
        *(("too few witnesses", 1, 19), ("root", 1, 16), ("receipt", 5, 5)),
    ],
    "insert": [("gap", 6, 6)] * 3 + [("too few witnesses", 1, 19), ("gap", 6, 6), ("receipt", 5, 5)],
    "insert, re-chained": [
        *(MISSED, ("root", 1, 8), MISSED),
        *(("too few witnesses", 1, 19), ("root", 1, 16), ("receipt", 5, 5)),
    ],
    "reorder": [("gap", 5, 5)] * 3 + [("too few witnesses", 1, 19), ("gap", 5, 5), ("gap", 5, 5)],
    "reorder, re-chained": [
        *(MISSED, ("root", 1, 8), MISSED),
        *(("too few witnesses", 1, 19), ("root", 1, 16), ("receipt", 5, 5)),
    ],
    "tail cut, covered by a checkpoint": [
        *(MISSED, ("truncated", 14, 16), MISSED),
        *(("too few witnesses", 1, 13), ("truncated", 14, 16), ("dropped", 14, 20)),
    ],
    "tail cut with its checkpoints": [*[MISSED] * 4, ("truncated", 14, 16), ("dropped", 14, 20)],
    "tail cut, newer than any checkpoint": [*[MISSED] * 5, ("dropped", 19, 20)],
    "tail rewritten, covered by a checkpoint": [
        *(MISSED, ("root", 9, 16), MISSED),
        *(("too few witnesses", 1, 19), ("root", 1, 16), ("receipt", 12, 12)),
    ],
    "tail rewritten, its checkpoints cut": [*[MISSED] * 4, ("root", 1, 16), ("receipt", 12, 12)],
    "tail rewritten, newer than any checkpoint": [*[MISSED] * 5, ("receipt", 18, 18)],
    "whole log replaced": [
        *(MISSED, ("root", 1, 8), MISSED),
        *(("too few witnesses", 1, 19), ("root", 1, 16), ("receipt", 1, 1)),
    ],
    "split view: two roots for one size": [
        *(MISSED, ("root", 9, 16), MISSED),
        *(("too few witnesses", 1, 16), ("split view", 1, 16), ("receipt", 12, 12)),
    ],
}
CELLS = [
    pytest.param(tampering, defence, expected, id=f"{tampering.name} / {defence.name}")
    for tampering in TAMPERINGS
    for defence, expected in zip(DEFENCES, EXPECTED[tampering.name], strict=True)
]


@pytest.mark.parametrize(("tampering", "defence", "expected"), CELLS)
def test_the_matrix_is_as_it_is_published(
    tmp_path: Path, tampering: Tampering, defence: Defence, expected: tuple[str, int, int] | None
) -> None:
    found = first(audited(tampering, defence, tmp_path))
    assert (found and (found.kind, found.first, found.last)) == expected
    if found and found.kind in ("chain", "root", "receipt", "split view"):
        assert len(found.expected) == len(found.found) == 64
        assert found.expected != found.found


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda each: each.name)
def test_nothing_is_said_of_what_nobody_touched(tmp_path: Path, defence: Defence) -> None:
    untouched = Tampering("nothing", list, signs=())
    audit = audited(untouched, defence, tmp_path)
    assert audit.holds


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda each: each.name)
def test_the_command_that_an_auditor_runs_ends_with_7(
    tmp_path: Path, tampering: Tampering, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a checkpoint and the receipts that were kept, and the log key in the hands of the attacker."""
    Maker([tampering.log(checkpoints=True, stolen=True)]).write(tmp_path / "bundle")
    (tmp_path / "keys").write_text(key_file())
    (tmp_path / "kept").write_text(KEPT)
    (tmp_path / "receipts").write_text(lines(RECEIPTS))
    asked = [str(tmp_path / "bundle"), "--keys", str(tmp_path / "keys")]
    besides = ["--since", str(tmp_path / "kept"), "--receipts", str(tmp_path / "receipts")]
    assert main([*asked, *besides]) == 7
    said = capsys.readouterr().out
    by_either = [cell for cell in EXPECTED[tampering.name][4:] if cell]
    assert any(f"{kind}, in {span(one, other)}" in said for kind, one, other in by_either)
    assert said.endswith("THE RECORD DOES NOT HOLD\n")
    Maker([honest()]).write(tmp_path / "bundle")
    assert main([*asked, *besides]) == 0


PUBLISHED = {
    "edit, delete, reorder a record, add one": ("edit", "delete", "reorder", "insert"),
    "the same, with all that follows chained anew": tuple(each for each in EXPECTED if each.endswith(", re-chained")),
    "whole log replaced; covered tail cut or rewritten; split view": (
        "whole log replaced",
        "tail cut, covered by a checkpoint",
        "tail rewritten, covered by a checkpoint",
        "split view: two roots for one size",
    ),
    "tail cut or rewritten *together with its checkpoints*": (
        "tail cut with its checkpoints",
        "tail rewritten, its checkpoints cut",
    ),
    "tail cut or rewritten that no checkpoint covers yet": (
        "tail cut, newer than any checkpoint",
        "tail rewritten, newer than any checkpoint",
    ),
}


def test_the_documentation_says_of_each_tampering_what_is_found() -> None:
    assert sorted(each for group in PUBLISHED.values() for each in group) == sorted(EXPECTED)
    page = (Path(__file__).parents[3] / "docs" / "auditing.md").read_text(encoding="utf-8")
    for row, tamperings in PUBLISHED.items():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| {row} |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")][1:]
        for each in tamperings:
            assert cells == ["found" if found else "missed" for found in EXPECTED[each]]
