"""Statements signed by the deployment's signer, which is asked over NATS in the operator's name."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.ledger.dsse import Envelope, Signature, seal

ASKED: Final = "psmp.sign.statement"
_WITHIN: Final = 5.0

Sealing = Callable[[str, bytes], Awaitable[Envelope]]
"""Has bytes of a type signed; raises ``Complaint`` where nobody does."""


def by_signer(nats: Client) -> Sealing:
    """Asks the signer."""

    async def sealed(kind: str, payload: bytes) -> Envelope:
        asked = {"statement": {"kind": "dsse", "payload_type": kind, "payload": payload.decode()}}
        try:
            answer = await nats.request(ASKED, json.dumps(asked).encode(), timeout=_WITHIN)
        except (NatsError, TimeoutError) as error:
            why = f"the signer does not answer: {str(error) or type(error).__name__}"
            raise Complaint(
                Exit.UNREACHABLE, why, "is psmp_signer running, and are these an operator's rights?"
            ) from None
        return seal(kind, payload, _signatures(answer.data))

    return sealed


def _signatures(answer: bytes) -> list[Signature]:
    try:
        match json.loads(answer):
            case {"refused": {"text": str(why)}}:
                raise Complaint(Exit.NOT_ALLOWED, f"the signer refuses: {why}", "psmp doctor")
            case {"signatures": [*said]} if said:
                return [Signature(each["keyid"], b64decode(each["sig"], validate=True)) for each in said]
    except (ValueError, NotBase64, KeyError, TypeError):
        pass
    raise Complaint(Exit.FAULT, "the signer's answer cannot be read", "is it of the same version?")
