"""A project played by the rules of all services as the services would: with what was sent, causes and times."""

from dataclasses import dataclass, field
from datetime import timedelta

from psmp.log.port import Record
from psmp.log.view import Head
from psmp.words import subjects
from psmp.words.commands import Command
from psmp.words.envelope import (
    EventEnvelope,
    Provenance,
    Stamp,
    leaf_hash,
    open_event,
    seal_command,
    seal_event,
    written,
)
from psmp.words.events import Event, LetterRetried, ProjectRecovering, ResolutionFailed, ResolutionRefused
from psmp.words.ids import uuid7
from psmp.words.refusals import Refused
from psmp_checker import rules as checker
from psmp_intake.rules import ruling
from psmp_keeper import rules as keeper
from psmp_orchestrator import rules as orchestrator
from psmp_replay.inputs import Inputs, Letter, Sent
from psmp_resolver import rules as resolver
from psmp_watchdog.rules import letters, origin, sweep
from tests.histories import KEY
from tests.unit.rules.world import CHECKPOINT, TERMS, World

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass
class Recording(World):
    """``inputs`` is what the streams would keep beside the log; ``triggers`` what says to begin anew."""

    inputs: Inputs = field(default_factory=Inputs)
    triggers: list[EventEnvelope] = field(default_factory=list)
    made: int = 0

    @property
    def records(self) -> list[Record]:
        """The log so far."""
        return self.history.records

    @property
    def last(self) -> EventEnvelope:
        """What was written last."""
        return open_event(self.records[-1].body)

    def stamp(self) -> Stamp:
        """A fresh id and the time."""
        self.made += 1
        return Stamp(uuid7(int(self.now.timestamp() * 1000), self.made.to_bytes(10, "big")), written(self.now))

    def say(self, event: Event, provenance: Provenance) -> None:
        """Write it down, a moment after it was decided, and fold it."""
        self.now += timedelta(milliseconds=1)
        body = seal_event(KEY, event, self.history.head.next, provenance, self.stamp())
        number = self.history.head.sequence + 1
        self.history.head = Head(number, number, leaf_hash(body))
        record = Record(number, KEY, event.KIND, body)
        self.records.append(record)
        self.project.advance(record)
        self.docket.advance(record)
        if isinstance(event, ProjectRecovering | ResolutionFailed | ResolutionRefused):
            self.triggers.append(self.last)

    def write(self, event: Event, actor: str, cause: str | None = None, *, service: str = "intake") -> None:
        """What the package resolver says, which no rule decides: of a change that has its verdict."""
        assert (actor, service) == (checker.ACTOR, "checker")
        assert cause is None
        told = (open_event(record.body) for record in reversed(self.records))
        change = next(each for each in told if each.id not in self.docket.state.pending)
        self.say(event, checker.provenance(change.id, change.correlationid, TRACE))

    def send(self, agent: str, command: Command, identity: str = "", by: str = "") -> str:
        """A command on its way; its id."""
        stamp = self.stamp()
        stamp = Stamp(identity or stamp.id, stamp.time)
        body = seal_command(KEY, by or agent, command, stamp)
        self.inputs.hear(Sent(subjects.command(KEY, agent, command.KIND), body))
        return stamp.id

    def answer(self, agent: str, identity: str) -> bool:
        """Whether intake does what the command asks for."""
        subject, command = self.inputs.of(identity, agent)[0]
        answer = ruling.rule(self.project.state, subject, command, written(self.now))
        event = ruling.refusal(subject, answer) if isinstance(answer, Refused) else answer
        self.say(event, ruling.spoken(subject, command, TRACE))
        return not isinstance(answer, Refused)

    def ask(self, agent: str, command: Command) -> bool:
        """Sent and answered."""
        return self.answer(agent, self.send(agent, command))

    def check(self, case: str) -> None:
        """The checker's verdict on one change."""
        verdict = checker.judge(self.docket.state, case)
        if verdict is not None:
            cause = case.partition("/")[0]
            root = next(each.correlationid for record in self.records if (each := open_event(record.body)).id == cause)
            self.say(verdict, checker.provenance(cause, root, None))

    def keep(self) -> bool:
        """Whether the keeper had something to say."""
        event = keeper.due(self.state)
        if event is not None:
            self.say(event, keeper.provenance(event, self.last.id, self.last.correlationid, TRACE))
        return event is not None

    def resolve(self) -> bool:
        """Whether the resolver had something to say: of what says to begin anew, or of what was written last."""
        retried = [open_event(each.body).time for each in self.records if each.kind == LetterRetried.KIND]
        ways = [(trigger, resolver.anew(trigger, max(retried, default=""))) for trigger in self.triggers]
        for trigger, anew in (*reversed(ways), (self.last, None)):
            word = resolver.next_word(self.state, self.now, anew)
            if word is not None:
                self.say(word.event, resolver.provenance(word, trigger.id, trigger.correlationid, TRACE))
                return True
        return False

    def orchestrate(self) -> bool:
        """Whether the orchestrator had something to say; settled is what a checkpoint of this very size covers."""
        events = orchestrator.due(self.state, written(self.now), TERMS) or orchestrator.settled(self.state, CHECKPOINT)
        if events:
            cause = orchestrator.provenance(self.last.id, self.last.correlationid, TRACE)
            for event in events:
                self.say(event, cause)
        return bool(events)

    def watch(self) -> bool:
        """Whether the watchdog had something to say."""
        finding = sweep(self.state, self.beats, self.now)
        if finding is not None:
            self.say(finding.event, origin.provenance(finding.command or self.stamp().id))
        return finding is not None

    def bury(self, number: int, service: str = "resolver") -> None:
        """A message was given up, and lies before a person."""
        letter = Letter(service, "psmp.log.acme.rag.conflict.detected", "ValueError: it is spoilt")
        self.inputs.letters[number] = letter
        self.say(letters.alert(self.state, number, *letter), origin.provenance(self.stamp().id))
