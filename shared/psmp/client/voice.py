"""What every part of the client stands on: who speaks, in which tenant, and how a command is settled."""

from psmp.client import arguments
from psmp.client.asking import Asker
from psmp.client.clock import stamp
from psmp.client.errors import Invalid, Order, Unsettled
from psmp.client.link import Link
from psmp.client.results import Settled
from psmp.client.sending import Sender, Statistics
from psmp.client.trace import traceparent
from psmp.words import subjects
from psmp.words.commands import LARGER, ChangeProject, Command, CreateProject
from psmp.words.envelope import NOBODY, Person, seal_command
from psmp.words.ids import ProjectKey
from psmp.words.strict import MAX_BYTES, Fault


class Voice:
    """Speaks as one agent of one tenant over a connection that others may share."""

    def __init__(
        self,
        link: Link,
        sender: Sender,
        tenant: str,
        agent: str,
        timeout: float,
        *,
        patient: bool = False,
        person: Person = NOBODY,
        privileged: bool = False,
        expected: int | None = None,
    ) -> None:
        self._link, self._sender = link, sender
        self._tenant, self._agent = tenant, agent
        self._timeout, self._patient, self._person = timeout, patient, person
        self._privileged, self._expected = privileged, expected
        self._asker = Asker(link, tenant, agent)

    @property
    def tenant(self) -> str:
        """The tenant whose projects this client sees."""
        return self._tenant

    @property
    def agent(self) -> str:
        """Who it speaks as."""
        return self._agent

    @property
    def statistics(self) -> Statistics:
        """How the connection stands, views by ``as_agent`` included."""
        return self._sender.describe()

    async def outcome(self, unsettled: Unsettled, *, timeout: float | None = None) -> Settled:
        """Ask again for the outcome of a command that was not settled in time, by sending the very same bytes again."""
        return await self._settle_order(unsettled.order, self._seconds(timeout))

    async def _settle(self, project: str, command: Command, command_id: str | None, timeout: float | None) -> Settled:
        return await self._settle_order(self._order(project, command, command_id), self._seconds(timeout))

    async def _settle_order(self, order: Order, seconds: float) -> Settled:
        return await self._sender.settle(order, seconds, patient=self._patient)

    def _order(self, project: str, command: Command, command_id: str | None) -> Order:
        key, stamped = self._key(project), stamp(arguments.command_id(command_id))
        body = seal_command(
            key, self._agent, command, stamped, traceparent(), person=self._person, expected=self._expected
        )
        most = LARGER.get(command.KIND, MAX_BYTES)
        if len(body) > most:
            raise Invalid([Fault("", f"{len(body)} bytes when sent, at most {most} are taken")])
        privileged = self._privileged or _elevates(command)
        subject = subjects.command(key, self._agent, command.KIND, privileged=privileged)
        return Order(stamped.id, key, self._agent, command.KIND, subject, body)

    def _key(self, project: str) -> ProjectKey:
        return ProjectKey(self._tenant, arguments.identity("project", project))

    def _seconds(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else arguments.seconds(timeout)


def _elevates(command: Command) -> bool:
    """Whether it names privileged agents, which only a privileged client may."""
    return isinstance(command, CreateProject | ChangeProject) and bool(command.policy and command.policy.privileged)
