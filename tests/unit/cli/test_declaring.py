"""A change is declared even where nobody says what others claim."""

import asyncio
from typing import cast

import pytest

from psmp.cli.commands import declaring
from psmp.cli.diffs import FromDiff
from psmp.cli.output import Format, Output
from psmp.client import Client, NoAnswer, PsmpError, Refusal
from psmp.words.answers import Status
from psmp.words.values import PathClaim

MADE = FromDiff((), (PathClaim(path="app.py", base="1" * 40, ranges=((1, 2),)),), None)


class Asked:
    """Who is asked for a project's status and cannot say it."""

    agent = "coder"

    def __init__(self, error: PsmpError) -> None:
        self.error = error

    async def status(self, _: str) -> Status:
        raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoAnswer("status", "nobody listens"), "! what others claim is not known: no answer to status: nobody listens"),
        (Refusal("UNKNOWN_PROJECT", "there is no project x"), ""),
    ],
)
def test_without_an_answer_the_change_goes_as_it_is(
    error: PsmpError, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = cast("Client", Asked(error))
    assert asyncio.run(declaring._bridged(Output(Format.JSON), client, "x", MADE)) is MADE
    err = " ".join(capsys.readouterr().err.split())
    assert err.startswith(said)
    assert bool(err) is bool(said)


def test_nobody_is_asked_where_no_claim_has_a_base() -> None:
    made = FromDiff((), (PathClaim(path="app.py", mode="create"),), None)
    client = cast("Client", Asked(NoAnswer("status", "it must not be asked")))
    assert asyncio.run(declaring._bridged(Output(Format.JSON), client, "x", made)) is made
