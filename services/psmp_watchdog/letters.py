"""Dead letters are noticed: each is laid before a person, by an alert in its project's log, once."""

from typing import Final

import structlog
from nats.aio.client import Client

from psmp.log.decider import Decider
from psmp.log.jetstream import direct_get
from psmp.log.port import Damaged, Unreachable
from psmp.log.view import View
from psmp.rules.alerts import of_letter
from psmp.rules.project import Project
from psmp.service.clock import stamp
from psmp.wire import letters
from psmp.wire.letters import Letter
from psmp.wire.settle import Delivery, Done, Later, Outcome
from psmp.words import subjects
from psmp.words.envelope import Provenance, open_event
from psmp.words.events import AlertRaised, Event, LetterDropped, LetterRetried
from psmp.words.ids import SYSTEM, ProjectKey
from psmp_watchdog.rules.letters import alert
from psmp_watchdog.rules.origin import provenance

LOG: Final = structlog.get_logger()
CONSUMER: Final = "letters"
MOST_WAITING: Final = 100
"""So many dead letters wait for a person in one project; others are laid before them when there is room.

Else whoever sends what cannot be read would fill a log with alerts.
"""
PATIENCE: Final = 10.0
LONGEST_PATIENCE: Final = 600.0


def lane(delivery: Delivery) -> ProjectKey | None:
    """Letters of one project come one after another."""
    found = subjects.read_dead_letter(delivery.subject)
    return found.key if found else None


class Letters:
    """Raises an alert for every dead letter: in its project's log, or in ours where there is none or it is damaged."""

    def __init__(self, nats: Client, decider: Decider[Project | None]) -> None:
        self._nats, self._decider = nats, decider

    async def handle(self, delivery: Delivery) -> Outcome:
        """One letter to its alert; delivered again it finds that, or what became of the letter since."""
        letter = letters.opened(delivery.position, delivery.subject, delivery.message.headers, delivery.body)
        if letter is None or letter.origin.consumer == CONSUMER:  # an alert of it would fail as this one did
            LOG.critical("letter_without_alert", letter=delivery.position, subject=delivery.subject)
            return Done()
        if letter.key not in (None, SYSTEM):
            try:
                if outcome := await self._raise(letter.key, letter, delivery.tries):
                    return outcome
            except Damaged as damage:
                LOG.critical("log_damaged", project=str(letter.key), error=str(damage), hint=damage.hint)
        outcome = await self._raise(SYSTEM, letter, delivery.tries)
        if outcome is None:
            raise Unreachable(SYSTEM, "it was not founded yet")
        return outcome

    async def _raise(self, key: ProjectKey, letter: Letter, tries: int) -> Outcome | None:
        """None when there is no such project."""
        while True:
            async with self._decider.views.hold(key) as view:
                await self._decider.views.catch_up(view)
                head, project = view.head, view.state
            if project is None:
                return None
            if of_letter(letter.number) in project.alerts or await self._answered(key, letter.number):
                return Done()
            if sum(name.startswith("letter-") for name in project.alerts) >= MOST_WAITING:
                return Later(min(PATIENCE * tries, LONGEST_PATIENCE))

            def rule(view: View[Project | None]) -> tuple[Event, Provenance] | None:
                told = (_alert(letter, project), provenance(stamp().id))  # noqa: B023 - asked at once
                return told if view.head == head else None  # noqa: B023

            if record := await self._decider.decide(key, rule):
                LOG.warning("letter", letter=letter.number, project=str(key), position=record.position)
                return Done()

    async def _answered(self, key: ProjectKey, number: int) -> bool:
        """Whether somebody has taken the letter in hand already."""
        after = 0
        while True:
            request = {"seq": after + 1, "batch": 256, "next_by_subj": subjects.log(key, "letter.*")}
            page = await direct_get(self._nats, "PSMP_LOG", request)
            events = (open_event(message.data).data for message in page)
            if any(isinstance(each, LetterRetried | LetterDropped) and each.letter == number for each in events):
                return True
            if len(page) < 256:  # noqa: PLR2004 - the page above
                return False
            after = int((page[-1].headers or {})["Nats-Sequence"])


def _alert(letter: Letter, project: Project) -> AlertRaised:
    return alert(project, letter.number, letter.origin.service, letter.subject, letter.reason)
