"""The transitive verdict: every question asked, every conflict explained, nothing claimed that was not proven."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from psmp.deep.causes import Core, find_cores
from psmp.deep.clashes import Clash, Sighting, gather, sight, trace
from psmp.deep.page import admits
from psmp.deep.problem import USUAL_MACHINE, Problem, digest, problems
from psmp.deep.resolution import Finding, Resolution
from psmp.deep.solution import Answer, Solved, Undetermined, Unsolvable
from psmp.deep.urlpages import Pages
from psmp.deep.uv import Limits, Question, Uv
from psmp.deep.ways import find_ways
from psmp.leash import Leash
from psmp.words.checks import Declaration
from psmp.words.progress import Doing
from psmp.words.values import Target


@dataclass(frozen=True, slots=True)
class Progress:
    """``doing`` what, in problem number ``at`` of ``of``; ``asked`` counts the runs of uv so far."""

    at: int
    of: int
    doing: Doing
    place: str
    asked: int


OnProgress = Callable[[Progress], None]


async def resolve(
    declarations: Sequence[Declaration],
    targets: Sequence[Target],
    *,
    index: str,
    exclude_newer: datetime | None = None,
    limits: Limits | None = None,
    cache: Path,
    previous: Resolution | None = None,
    fetch_references: bool = False,
    progress: OnProgress | None = None,
) -> Resolution:
    """Whether all that ``declarations`` need from PyPI can be installed together in each of ``targets``.

    ``index`` is the address of a simple index (PEP 503, 691); ``cache`` a folder of the resolver's own. It answers
    within ``limits``; what was not settled by then is unknown. ``previous`` is returned as it is where it answers the
    same question at the same fixed moment. Raises ValueError where ``exclude_newer`` has no time zone.
    """
    if exclude_newer and exclude_newer.tzinfo is None:
        raise ValueError("exclude_newer has no time zone")
    # In a thread: thousands of requirements take their time to read.
    asked = await asyncio.to_thread(problems, declarations, targets, fetch_references=fetch_references)
    named = digest(asked, index=index, exclude_newer=exclude_newer)
    if previous and previous.digest == named and exclude_newer and previous.verdict != "unknown":
        return previous
    limits = limits or Limits()
    ground = await asyncio.to_thread(_ground, cache)
    leash = Leash.start()
    try:
        leash.remove(ground)
        uv = Uv(index, ground.parent, ground, leash, exclude_newer, limits)
        asker = _Asker(uv, Pages(index, ground.parent / "pythons"), limits, len(asked), progress)
        answers = [await _judge(problem, number, asker) for number, problem in enumerate(asked, start=1)]
        bare = gather(sighting for _, sighted in answers for sighting in sighted)
        clashes = [await _with_ways(clash, bare, asked, asker) for clash in bare]
    finally:
        await leash.close()
    return Resolution(named, exclude_newer, tuple(finding for finding, _ in answers), tuple(clashes))


def _ground(cache: Path) -> Path:
    """A new folder inside the cache: uv looks for projects in the folders above, and there nobody else can put any."""
    cache.mkdir(parents=True, exist_ok=True)
    return Path(mkdtemp(prefix="question-", dir=cache.absolute()))


@dataclass(slots=True)
class _Asker:
    """Puts questions to uv, none of them twice, as long as there is time and no more than allowed."""

    uv: Uv
    pages: Pages
    limits: Limits
    of: int
    progress: OnProgress | None
    asked: int = 0
    known: dict[Question, Answer] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    at: tuple[int, Doing, str] = (0, "solving", "")

    def tell(self, at: int, doing: Doing, place: str) -> None:
        self.at = at, doing, place
        self._tell()

    def _tell(self) -> None:
        if self.progress:
            at, doing, place = self.at
            self.progress(Progress(at, self.of, doing, place, self.asked))

    async def ask(self, question: Question) -> Answer:
        if question in self.known:
            return self.known[question]
        left = self.limits.seconds - (time.monotonic() - self.begun)
        if left <= 0:
            return Undetermined(f"the check took longer than {self.limits.seconds:g} s")
        if self.asked >= self.limits.questions:
            return Undetermined(f"the check needed more than {self.limits.questions} runs of the resolver")
        self.asked += 1
        self._tell()
        answer = await self.uv.ask(question, seconds=min(left, self.limits.question_seconds))
        self.known[question] = answer
        return answer

    async def doubt(self, problem: Problem, answer: Solved) -> str:
        """Why what was found cannot be installed after all, or may not; "" where nothing speaks against it."""
        left = max(0.0, self.limits.seconds - (time.monotonic() - self.begun))
        told = await self.pages.pythons(answer.packages, seconds=min(left, self.limits.question_seconds))
        if isinstance(told, Undetermined):
            return told.reason
        for package, said in told.items():
            if said and not admits(said, problem.target.python):
                release = f"{package.name}=={package.version}"
                return (
                    f"{release} is for Python {said[0]}, whose end the resolver does not heed; nothing else was tried"
                )
        return ""

    async def solve(self, problem: Problem, *, detailed: bool = False) -> Answer:
        """A solution of final releases where there is one; a refusal only if nothing at all would do."""
        answer = await self.ask(Question(problem.target, problem.roots, detailed=detailed))
        if not isinstance(answer, Unsolvable):
            return answer
        strict = await self.refute(problem, detailed=detailed)
        if isinstance(strict, Solved):
            return replace(strict, notes=(*strict.notes, "only pre-releases satisfy everything"))
        return strict

    async def elsewhere(self, problem: Problem) -> Answer:
        """The same on the other machine where none is named; Undetermined where one is."""
        if problem.target.machine:
            return Undetermined("the machine is named")
        other = "arm64" if _machine(problem.target) == "x86_64" else "x86_64"
        return await self.refute(replace(problem, target=problem.target.model_copy(update={"machine": other})))

    async def refute(self, problem: Problem, *, detailed: bool = False) -> Answer:
        """Whether nothing would do: with pre-releases, with every release of the Python series, without guesses."""
        if not problem.roots:
            return Solved(())
        question = Question(problem.target, problem.roots, prereleases=True, detailed=detailed)
        answer = await self.ask(question)
        if not isinstance(answer, Unsolvable):
            return answer
        foreign = sorted(answer.proof.mentioned & problem.foreign)
        if foreign:
            return Undetermined(f"{foreign[0]} comes from elsewhere than the index, and is not fetched", answer.text)
        if "Python" in answer.proof.mentioned and problem.target.python.count(".") == 1:
            last = await self.ask(replace(question, python=f"{problem.target.python}.99"))
            if isinstance(last, Solved):
                return Undetermined(
                    f"it depends on which release of Python {problem.target.python} is meant", answer.text
                )
            return last
        return answer


def _machine(target: Target) -> str:
    return target.machine or USUAL_MACHINE[target.platform]


async def _judge(problem: Problem, at: int, asker: _Asker) -> tuple[Finding, tuple[Sighting, ...]]:
    """One problem: solved, refuted with its causes, or not known."""
    finding = Finding(problem.environment, problem.target, problem.group, "unknown", notes=problem.left_out)
    finding = replace(finding, roots=problem.roots)
    asker.tell(at, "solving", finding.place)
    answer = await asker.solve(problem, detailed=True) if problem.roots else Solved(())
    if isinstance(answer, Undetermined):
        return replace(finding, reason=answer.reason, told=answer.text), ()
    if isinstance(answer, Solved):
        assumed = () if problem.target.machine else (f"asked for {_machine(problem.target)}; no machine is named",)
        notes = (*problem.left_out, *answer.notes, *assumed)
        if problem.left_out:
            return replace(finding, reason=problem.left_out[0], notes=notes), ()
        doubt = await asker.doubt(problem, answer)
        if doubt:
            return replace(finding, reason=doubt, notes=notes), ()
        return replace(finding, verdict="compatible", packages=answer.packages, notes=notes), ()
    asker.tell(at, "finding causes", finding.place)
    if isinstance(await asker.elsewhere(problem), Solved):
        reason = f"it depends on the machine: {_machine(problem.target)} would not do, another would"
        return replace(finding, reason=reason, told=answer.text), ()
    cores = await find_cores(problem, answer, asker.refute, most=asker.limits.causes)
    sighted = [await _sighted(problem, core, asker, complete=cores.complete) for core in cores.cores]
    return replace(finding, verdict="conflict", told=answer.text), tuple(filter(_worth_telling, sighted))


async def _sighted(problem: Problem, core: Core, asker: _Asker, *, complete: bool) -> Sighting:
    """The core with its chain, and whether the index lacks what it ends on: then that alone, asked for, is refused."""
    chain = trace(problem, core)
    published = True
    if chain and not chain.disjoint and chain.lines:
        answer = await asker.ask(Question(problem.target, lines=chain.lines, prereleases=True, alone=True))
        published = not isinstance(answer, Unsolvable)
    return sight(problem, core, chain, published=published, complete=complete)


def _worth_telling(sighting: Sighting) -> bool:
    """Not what is there without the needs of development: the problem without them tells of it."""
    return sighting.problem.group == "runtime" or any(need.scope == "dev" for _, need in sighting.core.elements)


async def _with_ways(clash: Clash, clashes: Sequence[Clash], asked: Iterable[Problem], asker: _Asker) -> Clash:
    """The clash with what leads out of it."""
    same = [problem for problem in asked if (problem.environment, problem.group) == (clash.environment, clash.group)]
    asker.tell(asker.of, "finding ways out", clash.subject)
    others = [
        core
        for other in clashes
        if other is not clash and (other.environment, other.group) == (clash.environment, clash.group)
        for core in other.cores
    ]
    ways = await find_ways(same, clash.cores, others, asker.solve, subject=clash.subject)
    return replace(clash, suggestions=ways)
