"""A project in which ada needs pandas 2, and what stands in it and has happened in it."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

import psmp
from psmp.client import BlockingClient, Client
from psmp.words.answers import Status
from psmp.words.events import SlotFailed

WITHIN = 60.0


@dataclass
class Project:
    """The project, as ada sees it."""

    name: str
    ada: Client

    async def block(self) -> None:
        """A conflict of others, after which the project is blocked."""
        await self.ada.as_agent("eve").declare(self.name, "notebook", dependencies=["pandas==1.5.*"])

    async def status(self) -> Status:
        return await self.ada.status(self.name)

    async def failures(self) -> list[str]:
        """Why slots were given back as failed."""
        found = [each.event async for each in self.ada.events(self.name, after=0, follow=False)]
        return [event.failure for event in found if isinstance(event, SlotFailed)]


@dataclass
class BlockingProject:
    """As ``Project``, for frameworks that are not asynchronous."""

    name: str
    ada: BlockingClient

    def block(self) -> None:
        self.ada.as_agent("eve").declare(self.name, "notebook", dependencies=["pandas==1.5.*"])

    def status(self) -> Status:
        return self.ada.status(self.name)

    def failures(self) -> list[str]:
        found = [each.event for each in self.ada.events(self.name, after=0, follow=False)]
        return [event.failure for event in found if isinstance(event, SlotFailed)]


def name_of(request: pytest.FixtureRequest) -> str:
    return f"{request.path.stem[5:]}-{request.node.name}"[:60].replace("[", "-").replace("]", "")


async def unplugged() -> Client:
    """A client that can ask nothing any more."""
    async with psmp.connect(os.environ["PSMP_URL"], agent="bob", timeout=WITHIN) as closed:
        pass
    return closed


@pytest.fixture
async def project(request: pytest.FixtureRequest) -> AsyncIterator[Project]:
    async with psmp.connect(os.environ["PSMP_URL"], agent="ada", timeout=WITHIN) as ada:
        made = Project(name_of(request), ada)
        await ada.create_project(made.name)
        await ada.transition(made.name, "PLANNING", reason="go")
        await ada.declare(made.name, "backend", dependencies=["pandas>=2.0"])
        yield made


@pytest.fixture
def blocking(request: pytest.FixtureRequest) -> Iterator[BlockingProject]:
    with psmp.connect_sync(os.environ["PSMP_URL"], agent="ada", timeout=WITHIN) as ada:
        made = BlockingProject(name_of(request), ada)
        ada.create_project(made.name)
        ada.transition(made.name, "PLANNING", reason="go")
        ada.declare(made.name, "backend", dependencies=["pandas>=2.0"])
        yield made
