"""``python -m psmp_webhooks``: the webhook sender as a process."""

import random
import sys
from collections.abc import Sequence

from psmp.log.folds import PROJECT_FOLD
from psmp.log.gate import Gate
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.views import Views
from psmp.service.clock import now
from psmp.service.runner import Context, run
from psmp.service.standing import GateKeeper
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp.wire.mended import MendedClient
from psmp_webhooks.consumer import Sender, lane
from psmp_webhooks.ending import Ending
from psmp_webhooks.endpoints import Endpoint, Unusable, read
from psmp_webhooks.questions import Questions
from psmp_webhooks.registry import Registry, Terms
from psmp_webhooks.rules import SCHEDULE
from psmp_webhooks.settings import WebhooksSettings

IN_HAND = 4096
"""Events that are posted or wait for a place: who has the most must not hold up what is behind."""
AT_WORK = 30.0
"""Seconds after which the consumer is told of each that it is in hand; it would wait for four times as long."""


def _time() -> float:
    return now().timestamp()


async def build(context: Context[WebhooksSettings]) -> Sequence[Loop]:
    """The sender's loops: events to receivers, questions to answers.

    What it writes, the end of a webhook, it writes through a gate as everybody does. Events go out while that is shut,
    too: that log or ledger have lost something is what somebody has to be told.
    """
    settings, nats = context.settings, context.nats
    terms = Terms(settings.keys, settings.webhooks_allow_http, settings.webhooks_allow_private)
    registry, gate = Registry(nats, terms), Gate(nats, seen=-1)
    log, keeper = JetStreamEventLog(nats, gate=gate), GateKeeper(nats, gate)
    await keeper.look()
    ending = Ending(log, Views(log, PROJECT_FOLD))
    sender = Sender(_endpoints(settings), _time, random.random, registry=registry, end=ending)
    return [working(nats, sender), Questions(nats, registry, sender.health, _time).answering(), keeper]


def working(nats: MendedClient, sender: Sender) -> Worker:
    """What hands the events to the sender. What is tried again by ``SCHEDULE`` has killed nobody."""
    return Worker(
        *(nats, "webhooks", "PSMP_LOG", "webhooks", sender.handle, lane),
        limit=IN_HAND,
        suspect=len(SCHEDULE) + 2,
        at_work=AT_WORK,
    )


def _endpoints(settings: WebhooksSettings) -> tuple[Endpoint, ...]:
    if settings.webhooks_file is None:
        return ()
    try:
        return read(settings.webhooks_file)
    except Unusable as error:
        sys.stderr.write(f"PSMP_WEBHOOKS_FILE: {error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    run("webhooks", build, WebhooksSettings, writes=False)
