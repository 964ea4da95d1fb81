"""Statements signed by the deployment's signer, which is asked over NATS in the operator's name."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.ledger import dsse, signing
from psmp.ledger.signing import Stated, Statement
from psmp.words import subjects

_WITHIN: Final = 5.0

Sealing = Callable[[str, bytes], Awaitable[dsse.Envelope]]
"""Has bytes (UTF-8) of a type signed; raises ``Complaint`` where nobody does."""


def by_signer(nats: Client) -> Sealing:
    """Asks the signer."""

    async def sealed(kind: str, payload: bytes) -> dsse.Envelope:
        wanted = Statement(statement=signing.Envelope(payload_type=kind, payload=payload.decode()))
        try:
            answer = await nats.request(subjects.SIGN_STATEMENT, wanted.model_dump_json().encode(), timeout=_WITHIN)
            stated = Stated.model_validate_json(answer.data)
            found = [dsse.Signature(each.keyid, b64decode(each.sig, validate=True)) for each in stated.signatures]
        except (NatsError, TimeoutError) as error:
            why = f"the signer does not answer: {str(error) or type(error).__name__}"
            hint = "is psmp_signer running, and are these an operator's rights?"
            raise Complaint(Exit.UNREACHABLE, why, hint) from None
        except (ValidationError, NotBase64) as error:
            why = "the signer's answer cannot be read"
            raise Complaint(Exit.FAULT, why, "is it of the same version as psmp?") from error
        if stated.refused is not None or not found:
            why = stated.refused.text if stated.refused else "it has no statement key"
            raise Complaint(
                Exit.NOT_ALLOWED, f"the signer refuses: {why}", "psmp signing-key make statement makes a key"
            )
        return dsse.seal(kind, payload, found)

    return sealed
