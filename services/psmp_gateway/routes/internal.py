"""For privileged clients that run PSMP, and unknown to everybody else: deep health, metrics, keys, draining."""

import time
from collections.abc import Awaitable, Callable

from fastapi.responses import Response
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from psmp_gateway.calls import Called, answer
from psmp_gateway.routes.parameters import Nothing
from psmp_gateway.rules.answers import Checked, DeepHealth, DeepPart, Draining

ASKED_WITHIN = 2.0


async def health(call: Called, _: Nothing) -> Response:
    """Say of every part how it stands, and ask NATS and Postgres how long they take to answer."""
    ports = call.ports
    parts = tuple(
        DeepPart(name=each.name, handled=each.handled, waiting=each.waiting, trouble=each.trouble)
        for each in ports.describe()
    )
    checked = (
        await _timed("nats", lambda: ports.nats.flush(timeout=int(ASKED_WITHIN))),
        await _timed("postgres", ports.entrance.sessions.ping),
    )
    well = not any([each.trouble for each in parts] + [each.trouble for each in checked])
    said = DeepHealth(
        well=well,
        draining=ports.drain.begun,
        position=ports.tail.end,
        held=max(0, ports.tail.end + 1 - ports.tail.begin),
        parts=parts,
        checked=checked,
    )
    return answer(said, 200 if well else 503)


async def metrics(_: Called, __: Nothing) -> Response:
    """Give the metrics as Prometheus reads them: those of this process."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def reload(call: Called, _: Nothing) -> Response:
    """Read the API keys and the issuer's keys anew, now; 204 when that was tried."""
    await call.ports.keys.reload()
    if call.ports.entrance.issuer is not None:
        await call.ports.entrance.issuer.refresh()
    return Response(status_code=204)


async def drain(call: Called, _: Nothing) -> Response:
    """Take no new live readers, send those that are connected away, and tell probes to send nobody here."""
    call.ports.drain.begin()
    return answer(Draining(draining=True))


async def resume(call: Called, _: Nothing) -> Response:
    """Be there for everybody again."""
    call.ports.drain.end()
    return answer(Draining(draining=False))


async def _timed(name: str, ask: Callable[[], Awaitable[object]]) -> Checked:
    began, trouble = time.perf_counter(), ""
    try:
        await ask()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was asked for
        trouble = str(error) or type(error).__name__
    return Checked(name=name, milliseconds=round(1000 * (time.perf_counter() - began), 3), trouble=trouble)
