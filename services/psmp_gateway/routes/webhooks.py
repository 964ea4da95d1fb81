"""Webhooks of a tenant: which there are and how posting goes, a new one, changes, secrets, a test, an end."""

from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import Depends
from fastapi.responses import Response

from psmp.client.errors import NoAnswer, PsmpError
from psmp.client.refusals import ProjectExists, UnknownProject
from psmp.client.results import Settled
from psmp.words.answers import (
    SecretQuestion,
    Status,
    WebhookHealthList,
    WebhookSecret,
    WebhooksQuestion,
    WebhookStatus,
)
from psmp.words.commands import AddWebhook, ChangeWebhook, Command, RemoveWebhook, RotateWebhook, TryWebhook
from psmp.words.refusals import Code
from psmp.words.strict import Fault
from psmp.words.values import Word
from psmp.words.webhooks import FOUNDED, TENANT, is_safe
from psmp_gateway.calls import Call, Called, answer, outcome, read
from psmp_gateway.routes.parameters import Nothing, WebhookName
from psmp_gateway.rules import headers
from psmp_gateway.rules.answers import WEBHOOK_CHANGE, Rotation, Sent, WebhookList, WebhookMade, WebhookState
from psmp_gateway.trouble import Trouble, invalid, trouble

SENDER_WITHIN: Final = 1.0
"""Seconds for which it is waited for how posting goes: where no sender runs nobody says so."""

_PLACE: Final = "/api/v1/webhooks"


async def listing(call: Called, _: Nothing) -> Response:
    """List the webhooks of the tenant by name, and how posting goes as the sender sees it."""
    status = await _standing(call)
    if status is None:
        return answer(WebhookList(items=()))
    health = await _health(call)
    items = tuple(_state(each, health) for each in status.webhooks)
    return answer(WebhookList(items=items, health_since=health.since if health else None))


async def reading(call: Called, webhook: WebhookName, _: Nothing) -> Response:
    """Say what a webhook is and how posting goes; the ETag is the sequence of the event that made it what it is."""
    found = _of(await _standing(call), webhook)
    return answer(_state(found, await _health(call)), headers={"ETag": headers.tag(found.sequence)})


async def add(call: Called, body: Annotated[AddWebhook, Depends(read(AddWebhook))], _: Nothing) -> Response:
    """Add a webhook: what happens from now on is posted to it. The answer has its secret, which is shown once."""
    _check(call, body.url)
    if await _standing(call) is None:
        with suppress(ProjectExists):
            await call.ports.speaking.client(call.caller).create_project(TENANT, name=FOUNDED)
    return await _with_secret(call, body.webhook, await _say(call, body.webhook, body), 201)


async def change(
    call: Called, webhook: WebhookName, body: Annotated[Word, Depends(read(WEBHOOK_CHANGE))], _: Nothing
) -> Response:
    """Change where a webhook goes, or what it is told; one that has ended begins anew."""
    command = ChangeWebhook(webhook=webhook, **dict(body))
    if command.url is not None:
        _check(call, command.url)
    return _answered(await _say(call, webhook, command))


async def remove(call: Called, webhook: WebhookName, _: Nothing) -> Response:
    """Have nothing more posted by a webhook."""
    return _answered(await _say(call, webhook, RemoveWebhook(webhook=webhook)))


async def rotate(
    call: Called, webhook: WebhookName, body: Annotated[Rotation, Depends(read(Rotation))], _: Nothing
) -> Response:
    """Give a webhook a new secret, which the answer has, once; for a while the old one goes on beside it."""
    command = RotateWebhook(webhook=webhook, overlap_seconds=body.overlap_seconds)
    return await _with_secret(call, webhook, await _say(call, webhook, command), 200)


async def try_out(call: Called, webhook: WebhookName, _: Nothing) -> Response:
    """Have an event posted by this webhook alone, signed as every other; GET shows whether it was taken."""
    return _answered(await _say(call, webhook, TryWebhook(webhook=webhook)))


def _check(call: Call, url: str) -> None:
    if not is_safe(url) and not call.ports.settings.webhooks_allow_http:
        raise invalid(Fault("/url", "it is not https"))


async def _standing(call: Call) -> Status | None:
    """How the tenant's own project stands; None where there is none yet."""
    call.see(TENANT)
    try:
        return await call.status(TENANT)
    except UnknownProject:
        return None


async def _say(call: Call, webhook: str, command: Command) -> Settled | Sent:
    expected = await call.expected(TENANT, lambda status: _of(status, webhook).sequence)
    try:
        return await call.say(TENANT, command, expected=expected)
    except UnknownProject:
        raise _unknown(webhook) from None


async def _health(call: Call) -> WebhookHealthList | None:
    speaking = call.ports.speaking
    try:
        return await speaking.ask(call.caller, "webhooks", WebhooksQuestion(), WebhookHealthList, SENDER_WITHIN)
    except NoAnswer:
        return None


async def _with_secret(call: Call, webhook: str, settled: Settled | Sent, status: int) -> Response:
    """The outcome with the secret, which the sender tells who had it made, for some minutes."""
    wait = headers.wait_of(call.request.headers.get("Prefer"), headers.USUAL_WAIT) or SENDER_WITHIN
    within = min(wait, call.ports.settings.ask_seconds)
    if isinstance(settled, Sent):
        return answer(settled, 202)
    question, told = SecretQuestion(webhook=webhook, command_id=settled.command_id), dict[str, Any]()
    try:
        secret = await call.ports.speaking.ask(call.caller, "secret", question, WebhookSecret, within)
        told = {"secret": secret.secret}
    except PsmpError as error:
        why = "send the same with the same Idempotency-Key within ten minutes, or rotate"
        told = {"hint": f"the secret is not known here: {error.reason}; {why}"}
    where = {"Location": f"{_PLACE}/{webhook}", "Cache-Control": "no-store"}
    return answer(WebhookMade(**dict(outcome(settled)), webhook=webhook, **told), status, where)


def _answered(settled: Settled | Sent) -> Response:
    return answer(settled, 202) if isinstance(settled, Sent) else answer(outcome(settled))


def _state(webhook: WebhookStatus, health: WebhookHealthList | None) -> WebhookState:
    known = next((each for each in health.webhooks if each.webhook == webhook.webhook), None) if health else None
    return WebhookState(**dict(webhook), health=known)


def _of(status: Status | None, webhook: str) -> WebhookStatus:
    for each in status.webhooks if status is not None else ():
        if each.webhook == webhook:
            return each
    raise _unknown(webhook)


def _unknown(webhook: str) -> Trouble:
    return trouble(Code.UNKNOWN_WEBHOOK, f"there is no webhook {webhook}", f"GET {_PLACE} lists yours")
