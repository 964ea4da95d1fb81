"""Which fields of a command are personal: the person that speaks, and what that person writes freely."""

from collections.abc import Callable
from typing import Final

from psmp.words.envelope import CommandEnvelope

PERSON: Final = {"name": "personname", "contact": "personcontact"}
"""The attributes of the envelope that name a person."""

FREE: Final = ("reason", "failure")
"""The fields of commands that people write freely."""


def is_personal(command: CommandEnvelope) -> bool:
    """Whether the command says which person speaks. One that does not has no personal fields."""
    return command.personname is not None or command.personcontact is not None


def replaced(command: CommandEnvelope, by: Callable[[str, str], str]) -> CommandEnvelope:
    """The command with every personal field that says something replaced by ``by(field, text)``."""
    if not is_personal(command):
        return command
    person = {name: by(field, text) for field, name in PERSON.items() if (text := getattr(command, name))}
    free = {field: by(field, text) for field in FREE if (text := getattr(command.data, field, None))}
    return command.model_copy(update={**person, "data": command.data.model_copy(update=free)})
