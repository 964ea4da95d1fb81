"""What was recorded beside a project's log, and decisions were made of: commands as they were sent, dead letters."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic_core import from_json

from psmp.words.envelope import CommandEnvelope
from psmp.words.strict import Malformed
from psmp.words.subjects import CommandSubject, read_command
from psmp_intake.rules.ruling import read


class Sent(NamedTuple):
    """One command: where it was sent, which says by whom, and its bytes."""

    subject: str
    body: bytes


class Letter(NamedTuple):
    """What of a dead letter is told: which service gave up what, and why."""

    service: str
    subject: str
    reason: str


@dataclass(slots=True)
class Inputs:
    """Commands by their id, which several may have been sent under, and letters by their number."""

    commands: defaultdict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    letters: dict[int, Letter] = field(default_factory=dict)

    def hear(self, sent: Sent) -> None:
        """Keep a command under the id that it names; what names none was never decided."""
        try:
            said = from_json(sent.body)
        except ValueError:
            return
        if isinstance(said, Mapping) and isinstance(said.get("id"), str):
            self.commands[said["id"]].append(sent)

    def of(self, command: str, agent: str) -> Sequence[tuple[CommandSubject, CommandEnvelope]]:
        """The readable commands that ``agent`` sent under this id."""
        found = []
        for sent in self.commands.get(command, ()):
            subject = read_command(sent.subject)
            if subject is None or subject.agent != agent:
                continue
            try:
                found.append((subject, read(subject, sent.body)))
            except Malformed:  # it was given up, never decided
                continue
        return found
