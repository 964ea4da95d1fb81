"""Operations: alerts, dead letters, what can go wrong, and whether everything is well."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from nats.errors import Error as NatsError

from psmp import __version__
from psmp.wire.letterbox import Kept, every
from psmp.words.answers import AlertLine, AlertList, AlertsQuestion
from psmp.words.commands import AcknowledgeAlert, DropLetter, RetryLetter
from psmp_gateway.calls import Call, Called, Ports, answer, read
from psmp_gateway.routes.parameters import AlertName, Alerts, InProject, LetterNumber, Letters, Nothing
from psmp_gateway.rules import cursors, problems
from psmp_gateway.rules.answers import AlertPage, Because, LetterPage, LetterState, Part, Wellness
from psmp_gateway.trouble import trouble


async def alerts(call: Called, wanted: Alerts) -> Response:
    """List open alerts, oldest first, of one project or of all that the key sees."""
    if wanted.project is not None:
        call.see(wanted.project)
    place = wanted.place(cursors.ALERT)
    items: list[AlertLine] = []
    while True:
        question = AlertsQuestion(
            project=wanted.project, waiting=wanted.waiting, after=place, limit=wanted.limit - len(items)
        )
        page = await call.ports.speaking.ask(call.caller, "alerts", question, AlertList)
        items += [each for each in page.alerts if call.caller.sees(each.project)]
        place = page.alerts[-1].place if page.alerts else place
        if not page.more or len(items) >= wanted.limit:
            break
    following = cursors.write(*place) if page.more and place else None
    return answer(AlertPage(items=tuple(items), next_cursor=following, behind=page.behind))


async def acknowledge(
    call: Called, alert: AlertName, body: Annotated[Because, Depends(read(Because))], of: InProject
) -> Response:
    """Take an alert in hand: it is in nobody's inbox any more."""
    return await call.do(of.project, AcknowledgeAlert(alert=alert, reason=body.reason))


async def letters(call: Called, wanted: Letters) -> Response:
    """List dead letters with what became of them, oldest first."""
    if wanted.project is not None:
        call.see(wanted.project)
    place = wanted.place(cursors.NUMBER)
    after = place[0] if place else 0
    found = [
        each
        for each in map(_letter, await _kept(call))
        if each is not None
        and each.letter > after
        and call.caller.sees(each.project)
        and wanted.project in (None, each.project)
        and (not wanted.waiting or each.state in ("unseen", "waiting"))
    ]
    items = tuple(found[: wanted.limit])
    following = cursors.write(items[-1].letter) if len(found) > len(items) else None
    return answer(LetterPage(items=items, next_cursor=following))


async def retry(
    call: Called, letter: LetterNumber, body: Annotated[Because, Depends(read(Because))], _: Nothing
) -> Response:
    """Have a dead letter handled once more."""
    return await call.do(await _project_of(call, letter), RetryLetter(letter=letter, reason=body.reason))


async def drop(
    call: Called, letter: LetterNumber, body: Annotated[Because, Depends(read(Because))], _: Nothing
) -> Response:
    """Give a dead letter up; its bytes stay where they are."""
    return await call.do(await _project_of(call, letter), DropLetter(letter=letter, reason=body.reason))


async def _kept(call: Call) -> list[Kept]:
    try:
        return await every(call.ports.nats, call.caller.tenant)
    except (NatsError, TimeoutError, OSError) as error:
        detail = f"NATS does not show the dead letters: {str(error) or type(error).__name__}"
        raise trouble(problems.UNAVAILABLE, detail, "ask again", retry_seconds=1) from None


async def _project_of(call: Call, number: int) -> str:
    for each in await _kept(call):
        if each.letter.number == number and each.letter.key is not None and call.caller.sees(each.letter.key.project):
            return each.letter.key.project
    raise trouble("UNKNOWN_LETTER", f"there is no dead letter {number}", "GET /api/v1/dead-letters lists them")


def _letter(kept: Kept) -> LetterState | None:
    letter = kept.letter
    if letter.key is None:
        return None
    return LetterState(
        letter=letter.number,
        project=letter.key.project,
        service=letter.origin.service,
        state=kept.state,  # type: ignore[arg-type]  # it is one of those
        reason=letter.reason,
        tries=letter.tries,
        time=letter.time,
        subject=letter.subject,
        body=letter.body.decode(errors="replace"),
    )


async def kinds(_: Nothing) -> Response:
    """List every code that a problem can have."""
    return answer(problems.kinds())


def health(ports: Ports) -> Callable[[Request, Nothing], Awaitable[Response]]:
    """The route that says whether the gateway can do its work; anybody may ask, and learns nothing of any project."""

    async def health(_: Request, __: Nothing) -> Response:
        """Say whether the gateway can do its work: 503 when it cannot."""
        parts = tuple(Part(name=each.name, trouble="yes" if each.trouble else "") for each in ports.describe())
        well = not any(each.trouble for each in parts)
        said = Wellness(well=well, version=__version__, position=ports.tail.end, parts=parts)
        return answer(said, 200 if well else 503)

    return health
