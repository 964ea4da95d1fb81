"""Questions that the projection answers, each with how far it lies behind the log."""

import json
from datetime import UTC, datetime
from typing import Final

from nats.aio.client import Client

from psmp.log.jetstream import STREAM
from psmp.store.pool import Pool, answering
from psmp.store.statements import load
from psmp.words import subjects
from psmp.words.answers import AlertLine, AlertList, AlertsQuestion, ProjectLine, ProjectList, ProjectsQuestion
from psmp.words.values import Phase, Severity

SQL: Final = load(__file__)


class Reads:
    """Reads the projection. Raises ``PostgresUnavailable`` (an ``OSError``), nats errors and ``TimeoutError``."""

    def __init__(self, pool: Pool, nats: Client) -> None:
        self._pool, self._nats = pool, nats

    async def projects(self, tenant: str, question: ProjectsQuestion) -> ProjectList:
        """A page of the tenant's projects, by id."""
        with answering():
            asked = question.after, question.limit + 1, question.states
            found = await self._pool.fetch(SQL["projects"], tenant, *asked)
        lines = tuple(
            ProjectLine(
                project=row["project"],
                name=row["name"],
                state=Phase(row["state"]),
                since=_written(row["since"]),
                sequence=row["sequence"],
                time=_written(row["updated"]),
                artifacts=row["artifacts"],
                conflicts=row["conflicts"],
            )
            for row in found[: question.limit]
        )
        return ProjectList(projects=lines, more=len(found) > question.limit, behind=await self.behind())

    async def alerts(self, tenant: str, question: AlertsQuestion) -> AlertList:
        """A page of the tenant's open alerts, oldest first."""
        since, project, alert = question.after or (None, None, None)
        place = datetime.fromisoformat(since) if since else None, project, alert
        with answering():
            asked = question.project, question.waiting, *place, question.limit + 1
            found = await self._pool.fetch(SQL["alerts"], tenant, *asked)
        lines = tuple(
            AlertLine(
                project=row["project"],
                alert=row["alert"],
                severity=Severity(row["severity"]),
                text=row["text"],
                hint=row["hint"],
                person=row["person"],
                since=_written(row["since"]),
                conflict=row["conflict"],
                taken=row["taken"],
            )
            for row in found[: question.limit]
        )
        return AlertList(alerts=lines, more=len(found) > question.limit, behind=await self.behind())

    async def behind(self) -> int:
        """How many records the log has that the projection has not taken in."""
        with answering():
            position: int = await self._pool.fetchval(SQL["position"])
        return max(0, await self._end() - position)

    async def _end(self) -> int:
        request = json.dumps({"last_by_subj": f"{subjects.LOG}.>"}).encode()
        answer = await self._nats.request(f"$JS.API.DIRECT.GET.{STREAM}", request, timeout=2)
        return int((answer.headers or {}).get("Nats-Sequence", 0))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
