"""Reading why uv found no solution: a proof, the facts it rests on, or what makes it none.

uv explains itself in sentences of a small grammar (``pubgrub/report.rs`` of the release that is pinned): "Because A and
B, we can conclude that C." Each premise is read by its form. A form that is not known, or one that tells of something
uv could not look into, makes the whole text no proof: from then on nothing is known. So a new release of uv can make
answers unknown, never wrong.
"""

import re
from dataclasses import dataclass, field
from typing import Final

MOST_TOKENS: Final = 200_000
"""A longer explanation is not read."""

_TOKEN: Final = re.compile(r"(?:[^\s{}]|\{[^{}]*\})+")
_CLAUSE: Final = r"(?:[<>]=?|==|!=|~=)[0-9A-Za-z!+*._-]*[0-9A-Za-z*]"
_ITEM: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[^\]]*\])?)(?:\{[^{}]*\})?"
    rf"(?P<versions>(?:{_CLAUSE}(?:,{_CLAUSE})*)?)(?P<end>[,.]?)"
)
_REASON: Final = re.compile(r"\(reason: .*?\)(?=,? (?:and|we can)\b)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fact:
    """Every version of package ``who`` in one of ``versions`` needs one of ``wanted`` of package ``what``.

    Both are alternatives, each a constraint of PEP 440, "" any version. Extras are part of a name.
    """

    who: str
    versions: tuple[str, ...]
    what: str
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """No solution exists in what the index has.

    ``facts`` are the premises that say what needs what, ``mentioned`` all packages that the text speaks of, without
    extras; "Python" is among these where its version counts.
    """

    facts: tuple[Fact, ...]
    mentioned: frozenset[str]


@dataclass(frozen=True, slots=True)
class Doubt:
    """The text is no proof, and why not."""

    reason: str


class _Unread(Exception):
    """The text has a form that is not known."""


# What follows a package in a premise: what uv could not look into, and so may not exclude.
_DOUBTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(shape), reason)
    for shape, reason in (
        (r"was not found in the package registry", "the index has no project {name}"),
        (r"was not found in the (?:cache|provided package locations)", "project {name} could not be looked up"),
        (r"(?:has|have) no usable wheels", "{said} is published as source only, and nothing is built here"),
        (r"(?:has|have) no publish time", "the index does not say when {said} was published"),
        (r"(?:has|have) (?:invalid|inconsistent) metadata", "the index has metadata of {said} that cannot be read"),
        (r"(?:has|have) an invalid package format", "the index has a file of {said} that cannot be read"),
        (r"(?:does|do) not include a `METADATA` file", "the index has a file of {said} without metadata"),
        (r"needs? to be downloaded from a registry", "{said} could not be looked up"),
        (r"(?:has|have) no available distributions", "the index has no file of {said} that can be used"),
    )
)

# What follows a package in a premise otherwise: why it may not be used, for good reason.
_REASONS: Final = re.compile(
    r"(?:was|were) (?:yanked|published after the exclude newer time)"
    r"|(?:has|have) no wheels with a matching (?:Python implementation|Python ABI|Python version|platform) tag"
    r"(?: \(e\.g\., `[^`]*`\))?|(?:has|have) no [A-Za-z0-9_]+-compatible wheels"
)
_VERBS: Final = frozenset({"depends", "depend", "has", "have", "was", "were", "requires", "require", "needs", "need"})
_STARTS: Final = frozenset({"we", "only", "there", "you", "the"})
_ENOUGH: Final = 12


def read_report(text: str) -> Proof | Doubt:
    """What the explanation of uv for an unsatisfiable question amounts to."""
    head, found, body = text.partition("cause: Because ")
    if not found or "No solution found" not in head:
        return Doubt("the resolver's answer could not be read")
    told = "Because " + _paragraphs(body)
    plain = _REASON.sub("", told)
    reader = _Reader(_TOKEN.findall(plain)[:MOST_TOKENS])
    try:
        reader.read()
    except (_Unread, IndexError):
        rest = " ".join(reader.tokens[reader.at : reader.at + _ENOUGH])
        return Doubt(f"the resolver's explanation could not be read from {rest!r} on")
    if reader.doubt:
        return Doubt(reader.doubt)
    # What somebody wrote as the reason of a yanked release could be made to look like a fact.
    facts = tuple(dict.fromkeys(reader.facts)) if plain == told else ()
    return Proof(facts, frozenset(name.partition("[")[0] for name in reader.mentioned))


def _paragraphs(body: str) -> str:
    """The explanation without the hints and warnings after it, which say nothing that it rests on."""
    first, *others = body.splitlines()
    end = next((place for place, line in enumerate(others) if line[:1].strip()), len(others))
    return "\n".join([first, *others[:end]])


@dataclass(slots=True)
class _Reader:
    """Reads premise by premise; of several doubts the first counts."""

    tokens: list[str]
    at: int = 0
    doubt: str = ""
    facts: list[Fact] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)

    def read(self) -> None:
        while self.at < len(self.tokens):
            if self._take(r"\(\d+\)"):
                continue
            if not (self._take("Because") or self._take("And because")):
                raise _Unread
            self._premise()
            while self._take("and"):
                self._premise()
            if not self._take(r",?\s?we can conclude that"):
                raise _Unread
            self._conclusion()

    def _premise(self) -> None:
        if self._take(r"we know from \(\d+\) that"):
            self._derived()
        elif self._take("only the following versions of"):
            self._item()
            self._must(r"(?:is|are) available:")
            self._items()
        elif self._take("only"):
            self._term()
            self._must(r"(?:is|are) available,?")
        elif self._take("there (?:is|are) no versions? of"):
            self._item()
        elif self._take("you require"):
            self._term()
            self._also()
        elif self._take(r"the (?:requested|current) Python version \(\S+\) does not satisfy"):
            self._term()
        else:
            self._statement()

    def _statement(self) -> None:
        name, versions = self._term()
        if self._take("depends? on"):
            wanted = [self._term(), *self._also()]
            self.facts.extend(Fact(name, versions, what, alternatives) for what, alternatives in wanted)
            return
        said = " or ".join(f"{name}{constraint}" for constraint in versions)
        for shape, reason in _DOUBTS:
            if self._take(shape.pattern):
                self.doubt = self.doubt or reason.format(name=name, said=said)
                return
        if self._take("requires?"):
            self._term()
        else:
            self._must(_REASONS.pattern)

    def _derived(self) -> None:
        """What was concluded before: read over up to the end of the premise, which no other premise follows unsaid."""
        while self.tokens[self.at] != "we" and not (self._peek("and") and self._starts(self.at + 1)):
            self.at += 1

    def _starts(self, at: int) -> bool:
        """Whether a premise starts there."""
        if self.tokens[at] in _STARTS:
            return True
        before, known = self.at, set(self.mentioned)
        try:
            self.at = at
            self._term()
            return self.at < len(self.tokens) and self.tokens[self.at].rstrip(",") in _VERBS
        except _Unread:
            return False
        finally:
            self.at, self.mentioned = before, known

    def _also(self) -> list[tuple[str, tuple[str, ...]]]:
        """The second of two packages that one premise speaks of."""
        if self._peek("and") and not self._starts(self.at + 1):
            self.at += 1
            return [self._term()]
        return []

    def _conclusion(self) -> None:
        while not self.tokens[self.at].endswith("."):
            self.at += 1
        self.at += 1

    def _term(self) -> tuple[str, tuple[str, ...]]:
        if self._take("(?:one|all) of:"):
            return self._items()
        self._take("all versions of")
        name, versions = self._item()
        return name, (versions,)

    def _items(self) -> tuple[str, tuple[str, ...]]:
        """Alternatives of one package, a version each."""
        name, versions = self._item()
        found = [versions]
        while self.at < len(self.tokens):
            match = _ITEM.fullmatch(self.tokens[self.at])
            if not match or not match["versions"] or match["name"] != name:
                break
            found.append(self._item()[1])
        return name, tuple(found)

    def _item(self) -> tuple[str, str]:
        match = _ITEM.fullmatch(self.tokens[self.at])
        if not match:
            raise _Unread
        self.at += 1
        self.mentioned.add(match["name"])
        return match["name"], match["versions"]

    def _peek(self, word: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] == word

    def _must(self, shape: str) -> None:
        if not self._take(shape):
            raise _Unread

    def _take(self, shape: str) -> bool:
        """Go past the words that have this form, if they stand here; a comma after them belongs to them."""
        ahead = self.tokens[self.at : self.at + _ENOUGH]
        match = re.compile(rf"(?:{shape})(?P<comma>,?)(?= |$)").match(" ".join(ahead))
        if not match:
            return False
        self.at += match[0].count(" ") + 1
        return True
