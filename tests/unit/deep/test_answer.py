"""The answer of the index is joined to the direct one: it adds to that, and never makes it milder than is known."""

from dataclasses import replace

from psmp.deep.answer import joined, remarks
from psmp.deep.causes import Core
from psmp.deep.clashes import Clash, gather, sight, trace
from psmp.deep.problem import Need
from psmp.deep.report import Fact
from psmp.deep.resolution import Finding, Resolution
from psmp.words.checks import CheckAnswer, Declaration
from psmp.words.values import Conflict, Severity, Target
from tests.unit.deep.saying import LINUX, problem, root, unsolvable

DECLARED = (Declaration(artifact="ml", agent="agent-ml"), Declaration(artifact="data", agent="agent-data"))
WHOLE = problem(root("ml", Need("tensorflow", "==2.15.*")), root("data", Need("numpy", ">=2")))
FINE = Finding(None, LINUX, "runtime", "compatible")
DIRECT = CheckAnswer(id="x", verdict="compatible", witness={"numpy": ">=2"}, warnings=("direct",))
PROVEN = Conflict(
    id="C-1", kind="path", subject="a.py", severity=Severity.HIGH, environments=(), causes=(), parties=(), text=""
)


def clash() -> Clash:
    core = Core(WHOLE.elements, unsolvable(WHOLE, (Fact("tensorflow", ("",), "numpy", ("<2",)),)))
    (found,) = gather([sight(WHOLE, core, trace(WHOLE, core), published=True, complete=True)])
    return found


def found(*findings: Finding, clashes: tuple[Clash, ...] = ()) -> Resolution:
    return Resolution("d", None, findings, clashes)


def test_what_the_index_adds_nothing_to_stays_as_it_was() -> None:
    assert joined(DIRECT, found(FINE), DECLARED) == DIRECT
    assert joined(DIRECT, found(), DECLARED) == DIRECT


def test_clashes_are_numbered_on_and_name_the_place_of_each_declaration() -> None:
    told = joined(DIRECT, found(replace(FINE, verdict="conflict"), clashes=(clash(),)), DECLARED)
    (conflict,) = told.conflicts
    assert (told.verdict, conflict.id, conflict.kind, conflict.subject) == ("conflict", "C-1", "transitive", "numpy")
    assert [(each.artifact, each.sequence) for each in conflict.parties] == [("data", 2), ("ml", 1)]
    assert (told.id, told.witness) == ("x", {"numpy": ">=2"})
    before = DIRECT.model_copy(update={"verdict": "conflict", "conflicts": (PROVEN,)})
    both = joined(before, found(replace(FINE, verdict="conflict"), clashes=(clash(), clash())), DECLARED)
    assert [each.id for each in both.conflicts] == ["C-1", "C-2", "C-3"]


def test_a_conflict_outweighs_what_is_unknown_and_that_what_is_compatible() -> None:
    odd = replace(FINE, verdict="unknown", reason="no index")
    told = joined(DIRECT, found(odd, FINE), DECLARED)
    assert (told.verdict, told.unknown) == ("unknown", ("python3.11-linux: no index",))
    told = joined(DIRECT, found(odd, replace(FINE, verdict="conflict"), clashes=(clash(),)), DECLARED)
    assert (told.verdict, told.unknown) == ("conflict", ("python3.11-linux: no index",))


def test_what_the_direct_check_does_not_know_the_index_does_not_settle() -> None:
    odd = DIRECT.model_copy(update={"verdict": "unknown", "unknown": ("which machine?",)})
    assert joined(odd, found(FINE), DECLARED) == odd


def test_a_clash_of_versions_that_the_direct_check_denies_is_unknown_and_never_fine() -> None:
    resolution = found(replace(FINE, verdict="conflict"), clashes=(replace(clash(), kind="version"),))
    told = joined(DIRECT, resolution, DECLARED)
    assert (told.verdict, told.conflicts) == ("unknown", ())
    assert told.unknown[0].startswith("the resolver says what the direct check does not: Because agent-data")
    proven = DIRECT.model_copy(update={"verdict": "conflict", "conflicts": (PROVEN,)})
    assert joined(proven, resolution, DECLARED) == proven
    assert joined(DIRECT, found(replace(FINE, verdict="conflict")), DECLARED).verdict == "unknown"


def test_where_the_index_knows_that_fewer_clash_that_takes_the_place_of_the_direct_conflict() -> None:
    versions = PROVEN.model_copy(update={"kind": "version", "subject": "numpy", "causes": (("data", "other"),)})
    before = DIRECT.model_copy(update={"verdict": "conflict", "conflicts": (PROVEN, versions)})
    alone = replace(clash(), kind="no-version", causes=(("data",),))
    told = joined(before, found(replace(FINE, verdict="conflict"), clashes=(alone,)), DECLARED)
    assert [(each.id, each.kind, each.causes) for each in told.conflicts] == [
        ("C-1", "path", ()),
        ("C-2", "no-version", (("data",),)),
    ]
    elsewhere = versions.model_copy(update={"causes": (("data", "other"), ("more", "other"))})
    before = DIRECT.model_copy(update={"verdict": "conflict", "conflicts": (elsewhere,)})
    told = joined(before, found(replace(FINE, verdict="conflict"), clashes=(alone,)), DECLARED)
    assert [each.kind for each in told.conflicts] == ["version", "no-version"]


def test_the_same_note_in_several_places_is_one_warning() -> None:
    later = replace(FINE, target=Target(python="3.12"), notes=("yanked", "early"))
    told = joined(DIRECT, found(replace(FINE, notes=("yanked",)), later), DECLARED)
    assert told.warnings == ("direct", "python3.11-linux, python3.12-linux: yanked", "python3.12-linux: early")


def test_a_note_that_is_the_reason_is_not_told_twice() -> None:
    odd = replace(FINE, verdict="unknown", reason="a is left out", notes=("a is left out", "b is left out"))
    assert tuple(remarks(found(odd))) == ("python3.11-linux: b is left out",)
