"""The claimed paths of a project as a tree of folders, so that a path is compared with what lies round it alone."""

from bisect import insort
from collections.abc import Iterator

from psmp.compat.paths.claims import Claim
from psmp.compat.paths.names import folded


class Node:
    """One claimed path, or a folder above one.

    # Invariant: it is claimed, or something below it is; the root alone may be neither.
    # Invariant: ``claims`` are those on this very path, sorted. ``writers`` has for each agent how many claims that
    # write lie strictly below, ``makers`` is how many claims on this path or below make something.
    # Invariant: ``aliases`` has the names of the children by their fold, where the fold is not the name.
    """

    __slots__ = ("aliases", "children", "claims", "makers", "writers")

    def __init__(self) -> None:
        """Start with nothing claimed."""
        self.claims: tuple[Claim, ...] = ()
        self.children: dict[str, Node] | None = None
        self.aliases: dict[str, set[str]] | None = None
        self.writers: dict[str, int] | None = None
        self.makers = 0

    @property
    def is_bare(self) -> bool:
        """Whether nothing is claimed here or below."""
        return not self.claims and not self.children

    def child(self, name: str) -> "Node | None":
        """The child of that name, if there is one."""
        return None if self.children is None else self.children.get(name)

    def grown(self, name: str) -> "Node":
        """The child of that name, made where there is none."""
        if self.children is None:
            self.children = {}
        found = self.children.get(name)
        if found is None:
            found = self.children[name] = Node()
            fold = folded(name)
            if fold != name:
                self.aliases = self.aliases if self.aliases is not None else {}
                self.aliases.setdefault(fold, set()).add(name)
        return found

    def prune(self, name: str) -> None:
        """Forget the child of that name, of which nothing is claimed any more."""
        children, aliases = self.children or {}, self.aliases or {}
        if children[name].is_bare:
            del children[name]
            fold = folded(name)
            if fold != name:
                aliases[fold].discard(name)
                if not aliases[fold]:
                    del aliases[fold]

    def lookalikes(self, name: str) -> list[str]:
        """The other children that some file systems would take for ``name``, of which something is made."""
        fold = folded(name)
        alike = None if self.aliases is None else self.aliases.get(fold)
        if self.children is None or (alike is None and fold == name):
            return []
        found = {fold, *(alike or ())} - {name}
        return sorted(each for each in found if each in self.children and self.children[each].makers)

    def count(self, agent: str, by: int, *, below: bool, makes: bool) -> None:
        """So many claims more that write, by ``agent``: on this path, or below it."""
        self.makers += by if makes else 0
        if below:
            if self.writers is None:
                self.writers = {}
            left = self.writers.get(agent, 0) + by
            if left:
                self.writers[agent] = left
            else:
                del self.writers[agent]

    def add(self, claim: Claim) -> None:
        """One claim on this path more."""
        held = list(self.claims)
        insort(held, claim, key=_order)
        self.claims = tuple(held)

    def remove(self, claim: Claim) -> None:
        """One claim on this path less."""
        held = list(self.claims)
        held.remove(claim)
        self.claims = tuple(held)

    def others_below(self, agent: str) -> Iterator[Claim]:
        """The claims strictly below that write and are not of ``agent``, by path."""
        if not self.writers or self.writers.keys() <= {agent} or self.children is None:
            return
        for name in sorted(self.children):
            child = self.children[name]
            yield from (claim for claim in child.claims if claim.writes and claim.agent != agent)
            yield from child.others_below(agent)

    def read_below(self) -> Iterator[Claim]:
        """The claims on this path or below that read, by path."""
        yield from (claim for claim in self.claims if not claim.writes)
        for name in sorted(self.children or ()):
            yield from (self.children or {})[name].read_below()


def _order(claim: Claim) -> tuple[str, ...]:
    return claim.artifact, claim.mode, claim.path, claim.base or "", claim.digest or "", claim.moved or ""
