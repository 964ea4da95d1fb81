"""What is wrong with a text that is no node-semver range: where, why, and what was probably meant."""

import re
from collections.abc import Callable
from typing import Final

from psmp.compat.ecosystem import InvalidConstraint, shown
from psmp.compat.npm.grammar import Misread, read

KIND: Final = "node-semver range"


def _all_but(match: re.Match[str]) -> str:
    """What npm says for ``!=``: below it or above it, each together with what stands beside it."""
    before = match.string[match.string.rfind("||", 0, match.start()) + 1 : match.start()].removeprefix("|")
    version, behind = match["version"], match["behind"]
    return f"<{version}{behind} || {before.lstrip()}>{version}{behind}"


def _parted(match: re.Match[str]) -> str:
    """White space for commas between bounds, "or" for commas between versions."""
    return re.sub(r"\s*[,;]\s*", " " if set("<>") & set(match[0]) else " || ", match[0])


def _without_zeros(match: re.Match[str]) -> str:
    return re.sub(r"(?:(?<![\w-])|(?<=[0-9]-))0+(?=[0-9])", "", match[0])


def _filled(match: re.Match[str]) -> str:
    """The version with three numbers, and its pre-release behind a hyphen."""
    numbers = [*match["numbers"].split("."), "0", "0"][:3]
    return f"{match['head']}{'.'.join(numbers)}-{match['at'].removeprefix('-')}{match['behind']}"


_FRONT: Final = r"[<>=~^v\s]*"
_HEAD: Final = rf"(?P<head>{_FRONT})"
_THREE: Final = r"[0-9x*]+\.[0-9x*]+\.[0-9x*]+"
_BEHIND: Final = r"(?P<behind>(?:\s.*)?)"
_TOGETHER: Final = "white space alone separates what holds together"
_BESIDE: Final = "white space is missing beside '-'"
_OPEN: Final = "a number follows one that is left open"
_PRERELEASE: Final = "a pre-release stands behind three numbers and '-'"
_PREFIX: Final = "'{at}' cannot stand before a version with three numbers here"
_WHOLE: Final = r"\d+\.\d+\.\d+(?:[-+]\S*)?(?:\s.*)?"
_WITHOUT: Final = r"\g<left>\g<behind>"
_ELSEWHERE: Final = "'{at}' says where the package is taken from, and names no versions"

# What stands in a package.json where a range could: its shape, what it is, and what to do instead.
_REFERENCES: Final = tuple(
    (re.compile(rf"\s*{shape}", re.IGNORECASE | re.DOTALL), fault, hint)
    for shape, fault, hint in (
        (
            r"(?P<at>npm:).*",
            "an alias stands for another package",
            "declare the package that it names, with the range that follows its name",
        ),
        (r"(?P<at>workspace:|catalog:|jsr:).*", _ELSEWHERE, "declare the range of versions that you need"),
        (r"(?P<at>[a-z][a-z+.-]*:|git@|~?/|\.{1,2}/).*", _ELSEWHERE, "declare it as a reference"),
        (r"(?P<at>[\w.-]*[a-z][\w.-]*/[\w.-]+(?:#.*)?)\s*", _ELSEWHERE, "declare it as a reference"),
    )
)

# Each habit of another ecosystem or slip of the hand, from the first part on that is none of a range to the next '||':
# its shape, what is wrong with it, and what was probably meant. The fault stands where the group ``at`` starts;
# ``{at}`` in the sentence is that group. The first that fits counts.
_HABITS: Final[tuple[tuple[re.Pattern[str], str, str | Callable[[re.Match[str]], str] | None], ...]] = tuple(
    (re.compile(shape, re.IGNORECASE | re.DOTALL), fault, meant)
    for shape, fault, meant in (
        (r"\S*?(?P<at>[()]).*", "parentheses do not belong here", None),
        (r"[^\s,;]*(?P<at>[,;]).*", _TOGETHER, _parted),
        (r"(?P<at>&+|and\b)\s*(?P<rest>.*)", _TOGETHER, r"\g<rest>"),
        (r"(?P<left>[^|]*?)\s*(?P<at>\|)\s*(?P<right>[^|]+)", "'or' is written '||'", r"\g<left> || \g<right>"),
        (r"(?P<at>or\b)\s*(?P<rest>.+)", "'or' is written '||'", r"|| \g<rest>"),
        (r"(?P<at>(?!x\.|v?[0-9]|v[x*\s]|v\Z)[a-z_][\w.-]*)(?P<rest>.*)", "a dist-tag names no versions", r"\g<rest>"),
        (r"(?P<at>=>)(?P<rest>.*)", "'{at}' is not an operator", r">=\g<rest>"),
        (r"(?P<at>=<)(?P<rest>.*)", "'{at}' is not an operator", r"<=\g<rest>"),
        (rf"(?P<at>!=*|<>)\s*(?P<version>v?[0-9]\S*){_BEHIND}", "'{at}' is not an operator", _all_but),
        (r"(?P<op>[<>])\s*(?P<at>=)\s+=?\s*(?P<rest>.+)", "white space parts an operator", r"\g<op>=\g<rest>"),
        (r"(?P<at>=(?:\s*=)+)\s*(?P<rest>v?[0-9].*)", "'{at}' is not an operator", r"\g<rest>"),
        (r"(?P<at>(?P<op>[<>]=)=+)\s*(?P<rest>v?[0-9].*)", "'{at}' is not an operator", r"\g<op>\g<rest>"),
        (r"(?:(?>~>?|\^|[<>]=?|=))\s*(?P<at>[~^<>][~^<>=]*).*", "one operator follows another", None),
        (r"[<>=~^v]+\s*(?P<at>)", "a version is missing", None),
        (rf"{_HEAD}(?<=v)(?P<at>)\s+(?P<rest>[0-9].*)", "white space follows 'v'", r"\g<head>\g<rest>"),
        (rf"{_HEAD}(?:\d+\.){{0,2}}(?P<at>0\d+)(?![0-9a-z]).*", "a number starts with 0", _without_zeros),
        (rf"{_HEAD}{_THREE}-(?:[\w-]+\.)*(?P<at>0\d+)(?![\w-]).*", "a number starts with 0", _without_zeros),
        (r"(?P<low>v?[0-9x][0-9x.*]*)(?P<at>-)\s*(?P<high>v?[0-9x][0-9x.*]*)\s*", _BESIDE, r"\g<low> - \g<high>"),
        (r"(?P<at>-)(?P<high>v?[0-9x*].*)", _BESIDE, r"- \g<high>"),
        (r"-\s*(?P<at>)", "a version is missing", None),
        (r"(?P<at>-)\s.*", "a hyphen range stands alone; with others its ends are '>=' and '<='", None),
        (rf"(?P<left>{_FRONT}{_THREE})(?P<at>\.[0-9x*]\S*){_BEHIND}", "a version has three numbers", _WITHOUT),
        (rf"{_HEAD}(?P<numbers>\d+(?:\.\d+){{0,2}})(?P<at>-?[a-wyz]\S*|-[0-9x]\S*){_BEHIND}", _PRERELEASE, _filled),
        (rf"(?P<left>{_FRONT}(?:\d+\.)?[x*])(?P<at>(?:\.[x*])?\.\d\S*){_BEHIND}", _OPEN, _WITHOUT),
        (r"(?P<left>[^\s*]*)(?P<at>\*)(?P<behind>.*)", "'*' stands in the place of a number", _WITHOUT),
        (rf"(?P<left>{_FRONT}[0-9x]+(?:\.[0-9x]+)*)(?P<at>\.+){_BEHIND}", "a number is missing", _WITHOUT),
        (r"(?P<at>\+).*", "build metadata belongs to a version", None),
        (rf"(?P<left>{_FRONT}[0-9][^\s<>=~^]*)(?P<at>[<>=~^].*)", "white space is missing", r"\g<left> \g<at>"),
        (rf"(?P<op>[<>]=?|)\s*(?P<at>[v=](?:[v=\s]*[v=])?)\s*(?P<rest>{_WHOLE})", _PREFIX, r"\g<op>\g<rest>"),
        (rf"{_FRONT}(?:\d+(?:\.\d+)*)?(?P<at>\S+).*", "{at} does not belong to a range", None),
    )
)


def diagnose(text: str, misread: Misread) -> InvalidConstraint:
    """The fault of ``text``, which was misread so; a repair is proposed only where it is itself a range."""
    for shape, fault, hint in _REFERENCES:
        reference = shape.fullmatch(text)
        if reference is not None:
            return InvalidConstraint(text, reference.start("at"), fault.format(at=reference["at"]), hint, KIND)
    if misread.fault:
        return InvalidConstraint(text, misread.at, misread.fault, kind=KIND)
    bar = text.find("||", misread.at)
    end = bar if bar >= 0 else len(text)
    habits = ((shape.fullmatch(text, misread.at, end), fault, meant) for shape, fault, meant in _HABITS)
    match, fault, meant = next((match, fault, meant) for match, fault, meant in habits if match)
    hint = ""
    if meant is not None:
        repair = meant(match) if callable(meant) else match.expand(meant)
        hint = _hint(text[: misread.at] + repair + text[end:])
    return InvalidConstraint(text, match.start("at"), _worded(fault, match["at"]), hint, KIND)


def _worded(fault: str, token: str) -> str:
    return fault.format(at=shown(token) if fault.startswith("{at}") else token)


def _hint(repaired: str) -> str:
    if not repaired.strip():
        return "leave the range empty for any version, or write the versions that you need"
    try:
        meant = " || ".join(alternative.text for alternative in read(repaired))
    except Misread:
        return ""
    # Nothing at all is a range too, and hardly ever what was meant by half a one.
    return f"did you mean {shown(meant)}?" if all(part.strip() for part in repaired.split("||")) else ""
