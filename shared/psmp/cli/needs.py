"""What is said on the command line of needs and paths: ``--dep`` and ``--path``."""

import re
from pathlib import Path
from typing import Final, get_args

from psmp.cli.manifests.found import Found, Place, declared, requirement
from psmp.words.values import Ecosystem, Mode, PathClaim, Scope

_PREFIX: Final = re.compile(r"^(?P<word>[a-z]+):(?P<rest>.*)$")
_NPM: Final = re.compile(r"^(?P<name>(?:@[^/@\s]+/)?[^/@\s]+)(?:@(?P<range>.*))?$")
_MODE: Final = re.compile(r"^(?P<path>.+):(?P<mode>[a-z]+)$")
_COMMENT: Final = re.compile(r"\s+#\s*(?P<said>.*)$")


class Misspelt(ValueError):
    """Something on the command line cannot be understood."""

    def __init__(self, option: str, text: str, problem: str, hint: str) -> None:
        super().__init__(f"{option} {text}: {problem}")
        self.hint = hint


def need(text: str, purpose: str = "", option: str = "--dep") -> Found:
    """What ``[dev:|build:][npm:]requirement[  # purpose]`` asks for; raises ``ManifestFault`` or ``Misspelt``.

    A fault is told of ``option``.
    """
    scope: Scope = "runtime"
    ecosystem: Ecosystem = "pypi"
    comment = _COMMENT.search(text)
    rest = _COMMENT.sub("", text).strip()
    while (prefix := _PREFIX.match(rest)) is not None:
        match prefix["word"]:
            case "runtime" | "dev" | "build" as word:
                scope = word
            case "npm" | "pypi" as word:
                ecosystem = word
            case word:
                known = ", ".join(f"{each}:" for each in (*get_args(Scope), *get_args(Ecosystem)))
                raise Misspelt(option, text, f"{word}: is not known in front of a requirement", f"known are {known}")
        rest = prefix["rest"].strip()
    place = Place(Path(option), None, scope, comment["said"] if comment else purpose)
    return _of_npm(rest, place) if ecosystem == "npm" else requirement(rest, place)


def _of_npm(text: str, place: Place) -> Found:
    asked = _NPM.match(text)
    if asked is None:
        raise place.fault(f"not a package and a range: {text!r}", f"write it so: {place.path} 'npm:react@^18.2'")
    return Found((declared(place, name=asked["name"], constraint=(asked["range"] or "").strip(), ecosystem="npm"),))


def claim(text: str) -> PathClaim:
    """The claim that ``path[:mode]`` makes; ``write`` is the mode where none is named. Raises ``Misspelt``."""
    with_mode = _MODE.match(text)
    if with_mode is None:
        return PathClaim(path=text)
    modes: tuple[Mode, ...] = get_args(Mode)
    mode = next((each for each in modes if each == with_mode["mode"]), None)
    if mode is None:
        problem = f"{with_mode['mode']!r} is no mode"
        raise Misspelt("--path", text, problem, f"modes are {', '.join(modes)}; a path with a colon needs one")
    return PathClaim(path=with_mode["path"], mode=mode)
