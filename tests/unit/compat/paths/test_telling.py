"""Clashes, doubts and ways out of files are told in sentences that name agents and places, and obey no terminal."""

import json

import pytest

from psmp.compat.paths.clashes import PathClash
from psmp.compat.paths.index import PathIndex
from psmp.words.values import Conflict, Passage, PathClaim, Severity

ID = "9f2c1e7" + "0" * 33
OTHER = "1234abc" + "0" * 33

Said = tuple[str, str, PathClaim]


def index_of(*said: Said) -> PathIndex:
    index = PathIndex()
    for place, (artifact, agent, claim) in enumerate(said, start=1):
        index.put(artifact, agent, place, [claim])
    return index


def clash_on(path: str, *said: Said) -> PathClash:
    (clash,) = index_of(*said).clashes([path])
    return clash


def lines(*ranges: tuple[int, int], base: str | None = ID, passages: tuple[Passage, ...] | None = None) -> PathClaim:
    return PathClaim(path="app/main.py", base=base, ranges=ranges, passages=passages)


def whole(path: str, mode: str = "write") -> PathClaim:
    return PathClaim.model_validate({"path": path, "mode": mode})


@pytest.mark.parametrize(
    ("one", "other", "text", "severity"),
    [
        (
            lines((10, 20)),
            lines((15, 30)),
            (
                "Because Coder writes lines [10, 20) of app/main.py and Notebook writes lines [15, 30) of it, "
                "both at 9f2c1e7, their changes meet."
            ),
            "high",
        ),
        (
            lines((5, 5), (40, 50), base=None),
            lines((1, 2), (3, 6), base=None),
            (
                "Because Coder writes before line 5 of app/main.py and Notebook writes lines [3, 6) of it, "
                "neither saying at which base, their changes meet."
            ),
            "high",
        ),
        (
            lines((10, 20)),
            lines((15, 30), base=OTHER, passages=(Passage(base=ID, hunks=((1, 1, 2),)),)),
            (
                "Because Coder writes lines [10, 20) of app/main.py and Notebook writes lines [15, 30) of it, "
                "the first at 9f2c1e7, which are lines [12, 22) at the second's 1234abc, their changes meet."
            ),
            "high",
        ),
        (
            whole("app/main.py"),
            lines(*((n, n + 1) for n in range(1, 20, 3))),
            (
                "Because Coder writes all of app/main.py and Notebook writes lines [1, 2), [4, 5), [7, 8), "
                "[10, 11), [13, 14), 2 more of it, their changes meet."
            ),
            "high",
        ),
        (
            whole("app/main.py", "delete"),
            lines(),
            (
                "Because Coder deletes app/main.py and Notebook writes the mode of it, what the one writes the "
                "other deletes."
            ),
            "critical",
        ),
        (
            whole("app/main.py", "create"),
            whole("app/main.py", "create"),
            ("Because Coder creates app/main.py and Notebook creates it, one would take the place of the other."),
            "critical",
        ),
        (
            whole("app/main.py", "create"),
            whole("app/main.py"),
            "Because Coder creates app/main.py and Notebook writes all of it, their changes meet.",
            "high",
        ),
    ],
)
def test_why_two_claims_clash_is_one_sentence(one: PathClaim, other: PathClaim, text: str, severity: str) -> None:
    clash = clash_on("app/main.py", ("backend", "Coder", one), ("notebook", "Notebook", other))
    assert clash.text == text
    assert clash.severity == Severity(severity)


def test_a_folder_and_what_lies_in_it_are_told_from_above_whoever_came_first() -> None:
    said = ("a", "Coder", whole("app/x/y.py")), ("b", "DocsAgent", whole("app/"))
    expected = "Because DocsAgent writes all of app/ and Coder writes all of app/x/y.py, which lies in it, "
    clash = clash_on("app/", *said)
    assert (clash.text, clash.severity) == (f"{expected}their changes meet.", "critical")
    assert [each.text for each in clash.suggestions] == [
        "Coder gives up all of app/x/y.py in a",
        "DocsAgent gives up all of app/ in b",
    ]
    deleted = clash_on("app", said[0], ("b", "DocsAgent", whole("app/", "delete")))
    assert deleted.text.endswith("which lies in it, what the one writes the other deletes.")


def test_agents_with_several_artifacts_are_named_with_them_and_what_is_too_much_is_counted() -> None:
    said = [(f"a{number}", f"Agent{number % 2}", lines((1, 9))) for number in range(5)]
    clash = clash_on("app/main.py", *said)
    assert clash.text == (
        "Because Agent0 (a0) writes lines [1, 9) of app/main.py and Agent1 (a1) writes lines [1, 9) of it, both at "
        "9f2c1e7, their changes meet. Also, because Agent0 (a0) writes lines [1, 9) of app/main.py and Agent1 (a3) "
        "writes lines [1, 9) of it, both at 9f2c1e7, their changes meet. Also, because Agent1 (a1) writes lines "
        "[1, 9) of app/main.py and Agent0 (a2) writes lines [1, 9) of it, both at 9f2c1e7, their changes meet. "
        "3 more combinations clash."
    )
    assert [[change.artifact for change in each.changes] for each in clash.suggestions] == [
        ["a1", "a3"],
        ["a0", "a2", "a4"],
    ]
    four = clash_on("app/main.py", *said[:4])
    assert four.text.endswith("1 more combination clashes.")


def test_a_suggestion_says_what_is_given_up_and_what_to_do_instead() -> None:
    clash = clash_on("app/main.py", ("backend", "Coder", lines((10, 20))), ("exploration", "Notebook", lines((15, 30))))
    assert [each.text for each in clash.suggestions] == [
        "Coder gives up lines [10, 20) of app/main.py in backend, or takes Notebook's change as its base",
        "Notebook gives up lines [15, 30) of app/main.py in exploration, or takes Coder's change as its base",
    ]
    (change,) = clash.suggestions[1].changes
    assert (change.action, change.name, change.constraint) == ("release", "app/main.py", "")
    twice = clash_on("a", ("a", "A", whole("a", "create")), ("b", "B", whole("a", "delete")))
    assert [each.text for each in twice.suggestions] == ["A gives up creating a in a", "B gives up deleting a in b"]


def test_many_that_give_way_are_counted() -> None:
    said = [(f"a{number}", "Other", whole(f"app/{number}.py")) for number in range(8)]
    clash = clash_on("app", ("b", "DocsAgent", whole("app/")), *said)
    assert clash.suggestions[0].text == "DocsAgent gives up all of app/ in b"
    assert clash.suggestions[1].text.endswith("Other gives up all of app/4.py in a4; and 3 more alike")


def test_a_clash_is_a_conflict_of_the_wire() -> None:
    clash = clash_on("app/main.py", ("b", "B", lines((1, 3))), ("a", "A", lines((2, 2))))
    conflict = clash.word("C-7", {"a": 2, "b": 1})
    assert Conflict.model_validate_json(conflict.model_dump_json(), strict=False) == conflict
    assert (conflict.kind, conflict.ecosystem, conflict.scope, conflict.environments) == ("path", None, None, ())
    assert [(each.artifact, each.version, each.agent, each.sequence, each.constraint) for each in conflict.parties] == [
        ("a", 2, "A", 2, "writes before line 2 of app/main.py at 9f2c1e7"),
        ("b", 1, "B", 1, "writes lines [1, 3) of app/main.py at 9f2c1e7"),
    ]
    assert json.loads(conflict.model_dump_json())["causes"] == [["a", "b"]]


def test_a_doubt_says_what_would_settle_it() -> None:
    index = index_of(
        ("a", "A", lines((1, 2))), ("b", "B", lines((1, 2), base=OTHER)), ("c", "C", lines((1, 2), base=None))
    )
    assert [(each.path, each.artifacts) for each in index.unknowns("b")] == [
        ("app/main.py", ("a", "b")),
        ("app/main.py", ("b", "c")),
    ]
    assert [each.reason for each in index.unknowns("b")] == [
        (
            "A and B both write lines of app/main.py, at 9f2c1e7 and 1234abc: whether they meet is not known; one base "
            "for both, or the passage from one base to the other, would settle it"
        ),
        (
            "B and C both write lines of app/main.py, at 1234abc and no known base: whether they meet is not known; "
            "one base for both, or the passage from one base to the other, would settle it"
        ),
    ]


def test_whether_a_file_is_the_one_that_was_created_can_be_in_doubt() -> None:
    made = ("a", "A", whole("app/main.py", "create"))
    told = [
        index_of(made, ("b", "B", lines((1, 2)))).unknowns("a")[0].reason,
        index_of(("b", "B", lines((1, 2))), ("c", "A", whole("app/main.py", "create"))).unknowns("b")[0].reason,
    ]
    assert told[0] == told[1]
    assert told[0] == (
        "A creates app/main.py and B writes it at 9f2c1e7: whether that is the file that A creates is not known; a "
        "digest of what is created that is the other's base, or that a passage leads from, would settle it"
    )


def test_a_base_shows_nothing_that_a_terminal_would_obey() -> None:
    clash = clash_on("app/main.py", *((name, name, lines((1, 2), base="v1\x1b[2J")) for name in ("a", "b")))
    assert "both at v1\ufffd[2J, their" in clash.text


def test_names_that_some_disks_cannot_tell_apart_are_a_warning_and_no_clash() -> None:
    index = index_of(
        ("a", "A", whole("Src/Main.py")),
        ("b", "B", whole("src/main.py")),
        ("c", "C", whole("src/main.PY")),
        ("d", "A", whole("README.md", "create")),
        ("e", "E", whole("Readme.md", "delete")),
        ("f", "F", whole("readme.md", "read")),
        ("g", "G", whole("lib/a")),
    )
    assert index.clashes(["src", "Src", "src/main.py", "README.md"]) == ()
    assert index.warnings("a") == ("Src and src are one and the same on some file systems",)
    assert index.warnings("b") == (
        "src and Src are one and the same on some file systems",
        "src/main.py and src/main.PY are one and the same on some file systems",
    )
    assert index.warnings("d") == index.warnings("e") == index.warnings("f") == index.warnings("g") == ()
    index.drop("a")
    assert index.warnings("b") == ("src/main.py and src/main.PY are one and the same on some file systems",)


def test_reading_what_another_deletes_is_a_warning_to_both() -> None:
    index = index_of(
        ("a", "A", whole("data/x.csv", "read")),
        ("b", "B", whole("data/", "delete")),
        ("c", "B", whole("data/y", "read")),
    )
    assert index.warnings("a") == ("A reads data/x.csv, but B deletes data/",)
    assert index.warnings("b") == ("A reads data/x.csv, but B deletes data/",)
    assert index.warnings("c") == ()
    assert index.clashes(["data", "data/x.csv"]) == ()


def move(*ranges: tuple[int, int], to: str = "lib/main.py") -> PathClaim:
    return PathClaim(path="app/main.py", mode="delete", base=ID, ranges=ranges, moved=to)


@pytest.mark.parametrize(
    ("one", "other", "text", "severity"),
    [
        (
            move((10, 20)),
            lines((15, 30)),
            (
                "Because A moves and writes lines [10, 20) of app/main.py and B writes lines [15, 30) of it, "
                "both at 9f2c1e7, their changes meet."
            ),
            "high",
        ),
        (
            move(),
            whole("app/main.py", "delete"),
            "Because A moves app/main.py and B deletes it, what the one moves the other deletes.",
            "critical",
        ),
        (
            move(),
            move(to="c.py"),
            "Because A moves app/main.py and B moves it, they move it to two places.",
            "critical",
        ),
        (
            PathClaim(path="app/main.py", mode="delete", moved="c.py"),
            lines((15, 30)),
            "Because A moves app/main.py and B writes lines [15, 30) of it, what the one writes the other moves.",
            "critical",
        ),
    ],
)
def test_a_move_is_told_as_one(one: PathClaim, other: PathClaim, text: str, severity: str) -> None:
    clash = clash_on("app/main.py", ("a", "A", one), ("b", "B", other))
    assert (clash.text, clash.severity) == (text, severity)
    said = clash.word("C-1", {"a": 1, "b": 1})
    assert said.parties[0].constraint.startswith("moves ")
    assert f"app/main.py to {one.moved}" in said.parties[0].constraint
    assert "A gives up moving app/main.py in a" in [each.text for each in clash.suggestions]


def test_who_reads_what_is_moved_is_told_where_to() -> None:
    index = index_of(("a", "A", move()), ("b", "B", whole("app/main.py", "read")))
    said = "B reads app/main.py, but A moves app/main.py to lib/main.py"
    assert index.warnings("a") == index.warnings("b") == (said,)
