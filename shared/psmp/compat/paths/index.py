"""All path claims of a project, kept so that one more declaration is judged without looking at the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

from psmp.compat.paths.claims import Claim, Relation, claims_of, relate
from psmp.compat.paths.clashes import PathClash, judge
from psmp.compat.paths.names import normal
from psmp.compat.paths.telling import doubt
from psmp.compat.paths.tree import Node
from psmp.words.values import PathClaim

MOST_REMARKS: Final = 20
"""How many doubts or warnings of one kind are told of one path."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It cannot be known whether two artifacts, sorted, clash on ``path``; ``reason`` says why and what would help."""

    path: str
    artifacts: tuple[str, str]
    reason: str


class PathIndex:
    """The path claims of a project's artifacts, changed in place.

    It answers as a comparison of every two claims would, whatever came and went before.
    """

    __slots__ = ("_claims", "_root")

    def __init__(self) -> None:
        """Start with no artifact."""
        self._claims: dict[str, tuple[Claim, ...]] = {}
        self._root = Node()

    def put(self, artifact: str, agent: str, sequence: int, claims: Iterable[PathClaim]) -> tuple[str, ...]:
        """From now on ``artifact`` claims this and nothing else; the paths that it touches, sorted.

        On these a clash may have come or gone: the paths that it claims or claimed, and the claimed folders that they
        lie in. Raises InvalidPath; nothing has changed then.
        """
        now = claims_of(artifact, agent, sequence, claims)
        touched: set[str] = set()
        for claim in self._claims.pop(artifact, ()):
            self._remove(claim, touched)
        for claim in now:
            self._add(claim, touched)
        if now:
            self._claims[artifact] = now
        return tuple(sorted(touched))

    def drop(self, artifact: str) -> tuple[str, ...]:
        """Forget what ``artifact`` claims, if anything; the paths as for ``put``."""
        return self.put(artifact, "", 1, ())

    def of(self, artifact: str) -> tuple[Claim, ...]:
        """What ``artifact`` claims: as it was put, each path in its one spelling."""
        return self._claims.get(artifact, ())

    def clashes(self, paths: Iterable[str]) -> tuple[PathClash, ...]:
        """The clashes on ``paths``, one for each that has any, by path. Raises InvalidPath."""
        found: list[PathClash] = []
        for path in sorted({path if self._node(path) else normal(path).removesuffix("/") for path in paths}):
            node = self._node(path)
            clash = None if node is None else judge(node, path)
            if clash is not None:
                found.append(clash)
        return tuple(found)

    def unknowns(self, artifact: str) -> tuple[Unknown, ...]:
        """Of whom it cannot be known whether they clash with ``artifact``, and on which path; bounded for each path."""
        found: list[Unknown] = []
        for path in sorted({claim.key for claim in self.of(artifact)}):
            found.extend(islice(self._doubts(artifact, path), MOST_REMARKS))
        return tuple(found)

    def warnings(self, artifact: str) -> tuple[str, ...]:
        """What is no clash and yet worth a look at the paths of ``artifact``; bounded for each path."""
        found: dict[str, None] = {}
        for claim in sorted(self.of(artifact), key=lambda claim: (claim.path, claim.mode)):
            found.update(dict.fromkeys(islice(self._lookalikes(claim), MOST_REMARKS)))
            found.update(dict.fromkeys(islice(self._vain_reads(claim), MOST_REMARKS)))
        return tuple(found)

    def _doubts(self, artifact: str, path: str) -> Iterator[Unknown]:
        node = self._node(path)
        claims = () if node is None else node.claims
        if len({claim.base for claim in claims}) == 1:
            return
        groups = {name: list(group) for name, group in groupby(claims, key=lambda claim: claim.artifact)}
        mine = groups.pop(artifact)
        for name, theirs in groups.items():
            if not any(_is_doubtful(one, other) for one in mine for other in theirs):
                continue
            pairs = [(one, other) if artifact < name else (other, one) for one in mine for other in theirs]
            relations = [relate(*pair) for pair in pairs]
            if Relation.UNKNOWN in relations and not any(relation.clashes for relation in relations):
                one, other = pairs[relations.index(Relation.UNKNOWN)]
                yield Unknown(path, (one.artifact, other.artifact), doubt(one, other))

    def _lookalikes(self, claim: Claim) -> Iterator[str]:
        """Where the path, or a folder above it, differs from what others make in nothing that every disk can tell."""
        if not claim.makes:
            return
        node = self._root
        names = claim.key.split("/")
        for depth, name in enumerate(names):
            for other in node.lookalikes(name):
                one, another = ("/".join([*names[:depth], each]) for each in (name, other))
                yield f"{one} and {another} are one and the same on some file systems"
            node = node.grown(name)

    def _vain_reads(self, claim: Claim) -> Iterator[str]:
        """Where one reads what another agent deletes."""
        if claim.mode == "read":
            for node in self._line(claim.key):
                for other in node.claims:
                    if other.mode == "delete" and other.agent != claim.agent:
                        yield f"{claim.agent} reads {claim.path}, but {other.agent} {_taken(other)}"
        elif claim.mode == "delete":
            for other in self._line(claim.key)[-1].read_below():
                if other.agent != claim.agent:
                    yield f"{other.agent} reads {other.path}, but {claim.agent} {_taken(claim)}"

    def _node(self, path: str) -> Node | None:
        node = self._root
        for name in path.split("/"):
            child = node.child(name)
            if child is None:
                return None
            node = child
        return node

    def _line(self, path: str) -> list[Node]:
        """The nodes from the first folder down to ``path``, which is claimed."""
        line = [self._root]
        for name in path.split("/"):
            line.append(line[-1].grown(name))
        return line[1:]

    def _add(self, claim: Claim, touched: set[str]) -> None:
        line = self._line(claim.key)
        self._count(claim, line, 1, touched)
        line[-1].add(claim)

    def _remove(self, claim: Claim, touched: set[str]) -> None:
        line = self._line(claim.key)
        self._count(claim, line, -1, touched)
        line[-1].remove(claim)
        names = claim.key.split("/")
        for node, name in zip(reversed([self._root, *line[:-1]]), reversed(names), strict=True):
            node.prune(name)

    def _count(self, claim: Claim, line: list[Node], by: int, touched: set[str]) -> None:
        touched.add(claim.key)
        for depth, node in enumerate(line, start=1):
            below = depth < len(line)
            node.count(claim.agent, by, below=below and claim.writes, makes=claim.makes)
            if below and node.claims:
                touched.add("/".join(claim.key.split("/")[:depth]))


def _taken(claim: Claim) -> str:
    return f"deletes {claim.path}" if claim.moved is None else f"moves {claim.path} to {claim.moved}"


def _is_doubtful(one: Claim, other: Claim) -> bool:
    """Whether the two could be such that it is not known whether they clash: quicker than to know what they are."""
    return one.base != other.base and one.agent != other.agent
