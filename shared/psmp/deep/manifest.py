"""The validated set as a requirements file: every version pinned, every file by its hash, every line with a reason."""

from collections.abc import Iterator

from psmp.deep.problem import Group
from psmp.deep.resolution import Resolution
from psmp.deep.selection import Choice, NotSettled, choices


def requirements(
    resolution: Resolution, *, source: str = "", environment: str | None = None, group: Group = "runtime"
) -> str:
    """What ``pip install --require-hashes --no-deps -r`` installs: exactly the set that was found compatible.

    Markers (PEP 508) tell targets apart where their sets differ. Comments say who declared what and why, and in what
    (``source``). The same arguments give the same bytes. Raises NotSettled where there is no such set, or the index
    gave a file no hash.
    """
    selected = choices(resolution, environment=environment, group=group)
    lines = ["# Written by PSMP. Install it with: pip install --require-hashes --no-deps -r <this file>"]
    lines += [f"# declared in: {_line(source)}"] if source else []
    lines.append(f"# question: {resolution.digest}")
    if resolution.exclude_newer:
        lines.append(f"# the index as of: {resolution.exclude_newer.isoformat()}")
    targets = sorted({target for choice in selected for target in choice.targets})
    lines.append(f"# for: {', '.join(targets)}")
    for choice in selected:
        lines.extend(_entry(choice))
    return "\n".join(lines) + "\n"


def _entry(choice: Choice) -> Iterator[str]:
    if not choice.hashes:
        raise NotSettled(f"the index gives no hashes for {choice.pin}")
    yield ""
    for root, need in choice.declared:
        purpose = f": {_line(need.purpose)}" if need.purpose else ""
        yield f"# {root.agent} requires {_line(need.said)} for {root.artifact}{purpose}"
    if choice.needed_by:
        yield f"# needed by {', '.join(name for name, _ in choice.needed_by)}"
    marker = f" ; {choice.marker}" if choice.marker else ""
    yield f"{choice.pin}{marker} \\"
    *others, last = choice.hashes
    for each in others:
        yield f"    --hash={each} \\"
    yield f"    --hash={last}"


def _line(text: str) -> str:
    """One line of it, without anything that steers a terminal."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
