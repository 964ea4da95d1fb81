"""The environments that a project must run in, and in which of them a marker holds (PEP 508).

CPython is assumed. What an environment does not say (its machine, the last number of its Python) has every value that
makes a difference; where a marker then holds for some and not for others, the answer is that it may hold.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from types import MappingProxyType
from typing import Final, NamedTuple

from packaging.markers import InvalidMarker, Marker
from packaging.version import InvalidVersion, Version

from psmp.compat.ecosystem import InvalidConstraint
from psmp.words.values import Target

MOST_WORLDS: Final = 512
"""How many combinations of what is not known are tried for one marker and environment."""

MOST_MARKERS: Final = 1024
"""How many markers are remembered."""

_LAST: Final = 999
_LITERAL: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")

_PLATFORMS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
        "macos": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
        "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
    }
)
_MACHINES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {("linux", "arm64"): "aarch64", ("windows", "arm64"): "ARM64", ("windows", "x86_64"): "AMD64"}
)


class Where(NamedTuple):
    """In which environments something counts, as bit masks: surely, and possibly (which includes the sure ones)."""

    sure: int
    possible: int


class Environments:
    """The targets of a project by place; a set of them is a bit mask."""

    __slots__ = ("_known", "everywhere", "names", "pythons", "targets")

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = tuple(targets)
        self.names = tuple(str(target) for target in targets)
        self.pythons = tuple(_python(target.python) for target in targets)
        self.everywhere = (1 << len(self.targets)) - 1
        self._known: dict[str, Where] = {"": Where(self.everywhere, self.everywhere)}

    def where(self, marker: str) -> Where:
        """Where ``marker`` holds; "" holds everywhere. Raises ``InvalidConstraint``."""
        known = self._known.get(marker)
        if known is None:
            known = self._where(marker)
            if len(self._known) < MOST_MARKERS:
                self._known[marker] = known
        return known

    def named(self, mask: int) -> tuple[str, ...]:
        """The names of the environments of a mask."""
        return tuple(name for place, name in enumerate(self.names) if mask >> place & 1)

    def _where(self, text: str) -> Where:
        marker = read(text)
        sure = possible = 0
        for place, target in enumerate(self.targets):
            holds = _holds(marker, text, target)
            sure |= (holds is True) << place
            possible |= (holds is not False) << place
        return Where(sure, possible)


def read(text: str) -> Marker:
    """The marker that ``text`` spells; raises ``InvalidConstraint`` with the place of the fault."""
    try:
        return Marker(text)
    except InvalidMarker as error:
        fault, _, drawn = str(error).partition("\n")
        pointer = drawn.rpartition("\n")[2]
        at = max(len(pointer) - len(pointer.lstrip()) - len(drawn) + len(drawn.lstrip()), 0)
        hint = "write a PEP 508 marker, for example python_version < '3.12' and sys_platform == 'linux'"
        raise InvalidConstraint(text, min(at, len(text)), fault, hint, "PEP 508 marker") from None


def _holds(marker: Marker, text: str, target: Target) -> bool | None:
    """Whether the marker holds in the target; None when that depends on what the target does not say."""
    worlds = list(islice(_worlds(text, target), MOST_WORLDS + 1))
    answers = {marker.evaluate(world) for world in worlds[:MOST_WORLDS]}
    return answers.pop() if len(answers) == 1 and len(worlds) <= MOST_WORLDS else None


def _worlds(text: str, target: Target) -> Iterator[dict[str, str]]:
    """Everything that the target may turn out to be, as far as the marker can tell the difference."""
    literals = [single or double for single, double in _LITERAL.findall(text)]
    told = {
        **_PLATFORMS[target.platform],
        "python_version": ".".join(target.python.split(".")[:2]),
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    machine = target.machine and _MACHINES.get((target.platform, target.machine), target.machine)
    open_ends: dict[str, Sequence[str]] = {
        "platform_machine": [machine] if machine else _words(literals),
        "platform_release": _words(literals),
        "platform_version": _words(literals),
        "python_full_version": _versions(target.python, literals),
    }
    asked = {
        name: values if name in text or name == "python_full_version" else values[:1]
        for name, values in open_ends.items()
    }
    if "python_full_version" not in text and "implementation_version" not in text:
        asked["python_full_version"] = asked["python_full_version"][:1]
    for values in product(*asked.values()):
        world = told | dict(zip(asked, values, strict=True))
        yield world | {"implementation_version": world["python_full_version"]}


def _words(literals: Sequence[str]) -> Sequence[str]:
    """Values that tell apart whatever compares with these literals, by equality or by being part of one."""
    pieces = (piece for literal in literals for piece in (literal, *re.split(r"[\s,|]+", literal)))
    return list(dict.fromkeys(("of another kind", *filter(None, pieces))))


def _versions(python: str, literals: Sequence[str]) -> Sequence[str]:
    """Versions of one series that tell apart whatever compares with these literals; the version itself if it is one."""
    series = python.split(".")
    if len(series) > 2:  # noqa: PLR2004 - major, minor and the last number
        return [python]
    patches = {0, _LAST}
    for literal in literals:
        for piece in re.split(r"[\s,|]+", literal):
            named = _version(piece)
            if named is not None and named.release[:2] == tuple(map(int, series)):
                patches |= {max(named.micro + step, 0) for step in (-1, 0, 1)}
    return [f"{python}.{patch}" for patch in sorted(patches)]


def _version(text: str) -> Version | None:
    try:
        return Version(text.removesuffix(".*"))
    except InvalidVersion:
        return None


def _python(python: str) -> str:
    """The constraint that admits the interpreters of a target."""
    return f"=={python}" if python.count(".") > 1 else f"=={python}.*"
