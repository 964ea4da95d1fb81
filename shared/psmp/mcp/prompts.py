"""What a model can be told about work in a governed project."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

RULES: Final = """PSMP governs a project that many agents build at once. Work in it so:
1. project_status: is the project free, what stands declared, who are you?
2. check_dependencies before you choose a version or touch a file that others may touch: nothing is written.
3. request_slot before you work. While the project is blocked no work starts: clear the conflict, or wait.
4. declare_artifact for everything you made: all packages it needs, all paths it touches, and why.
5. Not accepted? explain_conflict, then amend what is yours (declare_artifact with amend) or accept_suggestion.
6. finish.
Every answer has 'next'. A refusal has a stable code, the reason, and what to do; do that, never work around it."""
"""How to work in a governed project; every session begins with it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text to be asked for, with what it takes: the names of its arguments and whether each is needed."""

    title: str
    about: str
    takes: Mapping[str, bool]
    write: Callable[[Mapping[str, str]], str]


def _work(given: Mapping[str, str]) -> str:
    return f"{RULES}\n\n{_about(given)}Begin with project_status."


def _resolve(given: Mapping[str, str]) -> str:
    return (
        f"{_about(given)}Clear conflict {given['conflict']}.\n"
        f"Call explain_conflict with conflict {given['conflict']}. Say in two sentences who needs what and why "
        "it cannot stand together. Prefer, in this order: to change what is yours; a suggestion that changes what is "
        "yours; a suggestion that changes what is others', which the person must agree to first. Then call "
        "accept_suggestion with the 'seen' of the explanation, or declare_artifact with amend. Then call "
        "project_status and say how it stands."
    )


def _declare(given: Mapping[str, str]) -> str:
    return (
        f"{_about(given)}Declare what you changed in this session.\n"
        "List the files you wrote or deleted and the packages that they need, with the ranges that truly will do and "
        "why. Call check_dependencies with them. Where it says conflict, find ranges that fit before you declare. Then "
        "call declare_artifact, and finish if you hold a slot."
    )


def _about(given: Mapping[str, str]) -> str:
    return f"The project is {given['project']}. " if given.get("project") else ""


PROMPTS: Final[Mapping[str, Prompt]] = MappingProxyType(
    {
        "work_in_governed_project": Prompt(
            "Work in a governed project", "The rules of work in this project.", {"project": False}, _work
        ),
        "resolve_conflict": Prompt(
            "Resolve a conflict", "Clear one conflict well.", {"conflict": True, "project": False}, _resolve
        ),
        "declare_my_changes": Prompt(
            "Declare my changes", "Declare what was changed in this session.", {"project": False}, _declare
        ),
    }
)
"""Every prompt."""


def written(name: str, given: Mapping[str, str]) -> str | None:
    """The text of a prompt; None where there is no such prompt or something that it needs is missing."""
    prompt = PROMPTS.get(name)
    if prompt is None or any(needed and not given.get(each) for each, needed in prompt.takes.items()):
        return None
    return prompt.write(given)
