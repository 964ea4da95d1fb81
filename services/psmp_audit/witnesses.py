"""Asks witnesses to cosign, over HTTP (C2SP tlog-witness); what they do not answer in time goes without them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import structlog

from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier
from psmp.ledger.proofs import consistency
from psmp.ledger.witnessing import SIZE_TYPE
from psmp.store.pool import AWAY as POSTGRES_AWAY
from psmp.words.faults import told
from psmp.words.ids import ProjectKey
from psmp_audit.desk import Signed
from psmp_audit.metrics import AWAY, COSIGNED

LOG: Final = structlog.get_logger()
WITHIN: Final = 0.5
"""Seconds that all witnesses together may hold up one round of checkpoints."""
REST: Final = 5.0
"""Seconds for which one that failed is left alone."""

_LARGEST: Final = 65_536
_OK: Final = 200
_CONFLICT: Final = 409

Prove = Callable[[ProjectKey, int, int], Awaitable[Sequence[bytes]]]
"""The proof that a log of the second size extends that of the first."""


class Answered(NamedTuple):
    """What a witness says."""

    status: int
    kind: str
    body: bytes


class WitnessFails(Exception):
    """It does not answer, or not as a witness does."""


class Witness:
    """One witness: its address, one connection to it, and what it is known to have of each log."""

    def __init__(self, url: str, keys: Collection[Verifier]) -> None:
        self.url, self._keys = url, keys
        self._where = urlsplit(url)
        self._line: HTTPConnection | None = None
        self._sizes: dict[ProjectKey, int] = {}
        self.name = self._where.netloc.rpartition("@")[2]
        self.rests_until = 0.0
        self.trouble = ""
        AWAY.labels(self.name).set(0)

    async def cosign(self, key: ProjectKey, signed: Signed, prove: Prove) -> str:
        """The lines of its signatures; raises ``WitnessFails``."""
        older, proof = signed.older, signed.proof
        if self._sizes.get(key, older) != older:
            older = self._sizes[key]
            proof = tuple(await prove(key, older, signed.checkpoint.size))
        answered = await self._ask(older, proof, signed.note)
        if answered.status == _CONFLICT and answered.kind == SIZE_TYPE:
            older = self._said(answered)
            if older > signed.checkpoint.size:
                raise WitnessFails(f"it has seen {older} records of {signed.checkpoint.origin}, more than there are")
            proof = tuple(await prove(key, older, signed.checkpoint.size))
            answered = await self._ask(older, proof, signed.note)
        if answered.status != _OK:
            raise WitnessFails(f"HTTP {answered.status}: {answered.body[:200].decode(errors='replace').strip()}")
        lines = self._signatures(signed, answered.body)
        self._sizes[key] = signed.checkpoint.size
        return lines

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    async def _ask(self, older: int, proof: Sequence[bytes], note: str) -> Answered:
        body = consistency(older, proof, note).encode()
        try:
            return await asyncio.to_thread(self._post, body)
        except (HTTPException, OSError) as error:
            self.close()
            raise WitnessFails(f"cannot be reached: {told(error)}") from error

    def _post(self, body: bytes) -> Answered:
        """Over the connection that there is; over a new one where that was closed meanwhile."""
        fresh = self._line is None
        try:
            return self._exchange(body)
        except (HTTPException, OSError):
            self.close()
            if fresh:
                raise
        return self._exchange(body)

    def _exchange(self, body: bytes) -> Answered:
        line = self._line
        if line is None:
            kind = HTTPSConnection if self._where.scheme == "https" else HTTPConnection
            line = self._line = kind(self._where.hostname or "", self._where.port, timeout=WITHIN)
        line.request("POST", f"{self._where.path.rstrip('/')}/add-checkpoint", body)
        response = line.getresponse()
        return Answered(response.status, response.headers.get_content_type(), response.read(_LARGEST))

    def _said(self, answered: Answered) -> int:
        """The size that it has seen, by its word."""
        if not (answered.body.strip().isdigit() and len(answered.body) < 20):  # noqa: PLR2004 - digits of 2^63
            raise WitnessFails("a conflict without the size that it has seen")
        return int(answered.body)

    def _signatures(self, signed: Signed, lines: bytes) -> str:
        """Those lines that are signatures of keys that are trusted, and hold."""
        try:
            note = Note.read(signed.checkpoint.text.encode() + b"\n" + lines)
            good = {(each.name, each.id) for each in note.signed_by(self._keys)}
        except (Malformed, Untrusted) as error:
            raise WitnessFails(str(error)) from error
        if not good:
            raise WitnessFails("it signs with a key that is not among PSMP_WITNESS_KEYS")
        split = lines.decode().splitlines()
        pairs = zip(split, note.signatures, strict=True)
        return "".join(f"{line}\n" for line, (name, raw) in pairs if (name, raw[:4]) in good)


class Witnesses:
    """``Cosigners`` that are asked side by side; one that fails rests for some seconds."""

    def __init__(
        self, witnesses: Sequence[Witness], prove: Prove, *, within: float = WITHIN, rest: float = REST
    ) -> None:
        self._witnesses, self._prove = witnesses, prove
        self._within, self._rest = within, rest
        self.missed = 0

    async def cosign(self, signed: Mapping[ProjectKey, Signed]) -> dict[ProjectKey, str]:
        """See ``Cosigners``."""
        lines: dict[ProjectKey, list[str]] = {key: [] for key in signed}
        clock = asyncio.get_running_loop().time
        awake = [each for each in self._witnesses if each.rests_until <= clock()]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._within), asyncio.TaskGroup() as group:
                for witness in awake:
                    group.create_task(self._by(witness, signed, lines))
        self.missed += sum(len(each) < len(self._witnesses) for each in lines.values())
        return {key: each.note + "".join(lines[key]) for key, each in signed.items()}

    def close(self) -> None:
        """Hang up on all of them."""
        for witness in self._witnesses:
            witness.close()

    async def _by(
        self, witness: Witness, signed: Mapping[ProjectKey, Signed], lines: Mapping[ProjectKey, list[str]]
    ) -> None:
        done = 0
        trouble = f"no answer within {self._within:g} s"
        try:
            for key, each in signed.items():
                lines[key].append(await witness.cosign(key, each, self._prove))
                done += 1
            trouble = ""
        except (WitnessFails, *POSTGRES_AWAY) as error:
            trouble = told(error)
        finally:
            self._note(witness, done, len(signed) - done, trouble)

    def _note(self, witness: Witness, done: int, missed: int, trouble: str) -> None:
        COSIGNED.labels(witness.name, "cosigned").inc(done)
        COSIGNED.labels(witness.name, "missed").inc(missed)
        AWAY.labels(witness.name).set(bool(trouble))
        if trouble:
            witness.close()
            witness.rests_until = asyncio.get_running_loop().time() + self._rest
            if trouble != witness.trouble:
                LOG.warning("witness_away", witness=witness.name, error=trouble)
        witness.trouble = trouble
