"""Makes keys: private ones into files that only their owner can read, public ones for whoever verifies."""

import os
import secrets
from base64 import b64encode
from pathlib import Path
from typing import Final

from psmp.ledger.keys import Use, private, read_public
from psmp.ledger.notes import Signer, Verifier
from psmp.ledger.origins import HERE, dispatches, receipts, statements

FOLDER: Final = "ledger"
"""Where a stack keeps its keys, in the folder of its data."""

SIGNER: Final = f"{FOLDER}/signer.private"
RECEIPTS: Final = f"{FOLDER}/receipts.private"
DISPATCH: Final = f"{FOLDER}/dispatch.private"
WEBHOOKS: Final = f"{FOLDER}/webhooks.private"
PUBLIC: Final = f"{FOLDER}/keys"
"""What an auditor needs: the public key of each private one."""

_LONGEST_SEED: Final = 32


def add(file: Path, use: Use, name: str) -> Verifier:
    """Append a new private key to ``file``, which is made for its owner alone; its public half.

    Raises ``OSError``, and ``Malformed`` for what cannot be a key's name.
    """
    signer = Signer(name, use.kind, secrets.token_bytes(_LONGEST_SEED))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(f"{use} {private(signer)}\n")
        opened.flush()
        os.fsync(opened.fileno())
    return signer.verifier


def development(data: Path, deployment: str = HERE) -> None:
    """Make every key of a stack, unless it has them; the public ones are written last.

    The log itself says which key verifies a token, so that one is in no file of public keys.
    """
    public = data / PUBLIC
    (data / FOLDER).mkdir(mode=0o700, exist_ok=True)
    if not (data / DISPATCH).exists():
        fresh = data / f"{DISPATCH}.new"
        fresh.unlink(missing_ok=True)
        add(fresh, Use.DISPATCH, dispatches(deployment))
        fresh.replace(data / DISPATCH)
    if not (data / WEBHOOKS).exists():
        _write_secret(data / WEBHOOKS, b64encode(secrets.token_bytes(_LONGEST_SEED)).decode())
    if public.exists():
        return
    for name in (SIGNER, RECEIPTS):
        (data / name).unlink(missing_ok=True)  # of a first start that did not get this far
    made = (
        (Use.LOG, add(data / SIGNER, Use.LOG, deployment)),
        (Use.STATEMENT, add(data / SIGNER, Use.STATEMENT, statements(deployment))),
        (Use.RECEIPT, add(data / RECEIPTS, Use.RECEIPT, receipts(deployment))),
    )
    fresh = public.with_name("keys.new")
    fresh.write_text("".join(f"{use} {verifier}\n" for use, verifier in made), encoding="utf-8")
    fresh.replace(public)


def _write_secret(file: Path, text: str) -> None:
    """A file of one line that its owner alone can read; it is there whole or not at all."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(f"{text}\n")
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)


def log_keys(data: Path) -> tuple[Verifier, ...]:
    """The public keys of the logs of a stack, as far as it has made them; raises ``OSError`` and ``Malformed``."""
    public = data / PUBLIC
    return read_public(public.read_text(encoding="utf-8").splitlines())[Use.LOG] if public.exists() else ()
