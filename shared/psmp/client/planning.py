"""The client's part in what a project is, and in what is to be done in it, by whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from psmp.client import arguments
from psmp.client.arguments import Targets
from psmp.client.receiving import Receiving
from psmp.client.results import Settled
from psmp.words.commands import ArchiveTask, ChangeProject, ChangeTask, CreateTask, PolicyChange, TransitionProject
from psmp.words.tasks import Doing
from psmp.words.values import Phase


class Planning(Receiving):
    """What a client may say of a project as a whole, and of its planned tasks. See ``Client``.

    ``status`` has the tasks as they stand, in ``tasks``; ``Client.tasks`` yields those that this agent is asked to do.
    """

    async def change_project(
        self,
        project: str,
        *,
        reason: str,
        name: str | None = None,
        targets: Targets | None = None,
        policy: PolicyChange | Mapping[str, Any] | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Change what a project is called, must run in and is governed by; what is left out stays as it was.

        ``targets`` are all of them from here on, and every artifact that stands is judged anew for them: what it is
        settled by comes at once, the verdicts a moment later. Of ``policy`` only what is to be otherwise is said. For
        who governs the project, else ``NotAllowedHere``; ``ProjectNotOpen`` once it has come to its end.
        """
        wanted = None if targets is None else list(targets)
        command = arguments.build(ChangeProject, name=name, targets=wanted, policy=policy, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def archive_project(
        self, project: str, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Put a project away, for good: completed, or given up in any phase in which it is not blocked.

        Raises ``ProjectBlocked`` for one that is: a person takes a conflict in hand first (``acknowledge``), or
        resolves it.
        """
        command = arguments.build(TransitionProject, to=Phase.ARCHIVED, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def create_task(
        self,
        project: str,
        task: str,
        *,
        title: str,
        details: str = "",
        agent: str | None = None,
        artifacts: Iterable[str] = (),
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Plan a task: ``agent`` is asked to do it, or whoever takes it; ``artifacts`` shall come of it.

        It is OPEN, and stays in the log for ever: no personal data belongs in it. Raises ``TaskExists``.
        """
        command = arguments.build(
            CreateTask,
            task=task,
            title=title,
            details=details,
            agent=agent,
            artifacts=arguments.listed("artifacts", artifacts),
        )
        return await self._settle(project, command, command_id, timeout)

    async def change_task(
        self,
        project: str,
        task: str,
        *,
        title: str | None = None,
        details: str | None = None,
        agent: str | None = None,
        artifacts: Iterable[str] | None = None,
        status: Doing | None = None,
        reason: str = "",
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Change a task; what is left out stays as it was. An empty ``agent`` leaves it to whoever takes it.

        For who made it, whose it is, and who governs the project; what is nobody's anybody may take. Raises
        ``UnknownTask``, ``NotOwner``, and for DONE ``WorkUnfinished`` while what shall come of it is not ACTIVE.
        """
        command = arguments.build(
            ChangeTask,
            task=task,
            title=title,
            details=details,
            agent=agent,
            artifacts=None if artifacts is None else arguments.listed("artifacts", artifacts),
            status=status,
            reason=reason,
        )
        return await self._settle(project, command, command_id, timeout)

    async def take_task(
        self, project: str, task: str, *, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Begin a task that is this agent's or nobody's: it is this agent's from here on, and IN_PROGRESS.

        Raises ``UnknownTask``, and ``NotOwner`` for what another has.
        """
        command = arguments.build(ChangeTask, task=task, agent=self._agent, status="IN_PROGRESS")
        return await self._settle(project, command, command_id, timeout)

    async def finish_task(
        self,
        project: str,
        task: str,
        *,
        reason: str = "",
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Say that a task is DONE; ``reason`` may say how.

        Raises ``UnknownTask``, ``NotOwner``, and ``WorkUnfinished``, which names the artifacts that are not ACTIVE.
        """
        command = arguments.build(ChangeTask, task=task, status="DONE", reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def archive_task(
        self, project: str, task: str, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Take a task off the list, done or not. Raises ``UnknownTask``, ``NotOwner``."""
        return await self._settle(project, arguments.build(ArchiveTask, task=task, reason=reason), command_id, timeout)
