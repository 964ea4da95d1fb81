"""Asks the signer, which signs only what is proved to extend what it has signed before."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier, Nodes, prove_consistency
from psmp.ledger.notes import Malformed, Note
from psmp.ledger.origins import anchor, origin
from psmp.ledger.signing import MOST, Answers, Refusal, Why, Wish, Wishes
from psmp.ledger.tiles import Question
from psmp.store.pool import Connection
from psmp.store.tree import ANCHOR, answers, frontiers
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.faults import told
from psmp.words.ids import ProjectKey

ANSWER_WITHIN: Final = 5.0


class SignerAway(ConnectionError):
    """The signer does not answer: checkpoints wait."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as a note, the tree that it is of, and the proof that it extends the one before, of ``older``."""

    checkpoint: Checkpoint
    note: str
    tree: Frontier
    older: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """To have the first ``size`` records signed; those of ``stored`` have been, as ``note`` says."""

    stored: Frontier
    size: int
    note: str = ""


Grown = tuple[Frontier, tuple[bytes, ...]]
"""A tree as it is to be signed, and the proof that it extends the one that is."""


class Desk:
    """Asks for the checkpoints of a deployment's logs."""

    def __init__(self, nats: MendedClient, deployment: str) -> None:
        self._nats, self._deployment = nats, deployment

    def origin(self, key: ProjectKey) -> str:
        """The name of a project's log, or of the anchor log."""
        return anchor(self._deployment) if key == ANCHOR else origin(self._deployment, key)

    async def sign(
        self, connection: Connection, wanted: Mapping[ProjectKey, Wanted]
    ) -> dict[ProjectKey, Signed | Refusal]:
        """What becomes of each. Raises ``SignerAway`` and what Postgres does.

        Where the signer has signed more than is stored, which a crash leaves behind, it is asked again from there.
        """
        found = await self._ask(connection, wanted)
        behind = {key: each for key, each in found.items() if isinstance(each, Refusal) and each.why == Why.OUT_OF_STEP}
        if not behind:
            return found
        known = {key: each.size for key, each in behind.items() if each.size}
        trees = await frontiers(connection, known) if known else {}
        again: dict[ProjectKey, Wanted] = {}
        for key, refusal in behind.items():
            if refusal.size == 0:  # it has forgotten: our note tells it
                again[key] = wanted[key]
            elif trees[key].root == refusal.root:
                again[key] = Wanted(trees[key], wanted[key].size)
            else:
                text = f"{refusal.text}; at {refusal.size} records the ledger has another root than was signed"
                found[key] = refusal.model_copy(update={"why": Why.FORKS, "text": text})
        return {**found, **(await self._ask(connection, again) if again else {})}

    async def _ask(
        self, connection: Connection, wanted: Mapping[ProjectKey, Wanted]
    ) -> dict[ProjectKey, Signed | Refusal]:
        """In parts, as many as are answered at once: while the signer has one in hand the next is made ready."""
        whole = list(wanted.items())
        parts = [dict(whole[begin : begin + MOST]) for begin in range(0, len(whole), MOST)]
        async with _plainly(), asyncio.TaskGroup() as group:
            asked = [group.create_task(self._part(part, await _grown(connection, part))) for part in parts]
        return {key: each for part in asked for key, each in part.result().items()}

    async def _part(
        self, wanted: Mapping[ProjectKey, Wanted], grown: Mapping[ProjectKey, Grown]
    ) -> dict[ProjectKey, Signed | Refusal]:
        checkpoints = {key: Checkpoint(self.origin(key), tree.size, tree.root) for key, (tree, _) in grown.items()}
        wishes = tuple(
            Wish(
                origin=checkpoints[key].origin,
                size=each.size,
                root=checkpoints[key].root,
                older=each.stored.size,
                proof=grown[key][1],
                note=each.note,
            )
            for key, each in wanted.items()
        )
        told = await self._told(Wishes(wishes=wishes))
        found: dict[ProjectKey, Signed | Refusal] = {}
        for (key, each), said in zip(wanted.items(), told, strict=True):
            if isinstance(said, Refusal):
                found[key] = said
            else:
                _require(said, checkpoints[key])
                found[key] = Signed(checkpoints[key], said, grown[key][0], each.stored.size, grown[key][1])
        return found

    async def _told(self, wishes: Wishes) -> tuple[str | Refusal, ...]:
        body = wishes.model_dump_json().encode()
        try:
            message = await self._nats.request(subjects.SIGN_CHECKPOINTS, body, timeout=ANSWER_WITHIN)
            answered = Answers.model_validate_json(message.data)
        except (NatsError, TimeoutError, ValidationError) as error:
            why = told(error)
            raise SignerAway(f"the signer does not answer, checkpoints wait: {why}") from error
        if answered.refused is not None or len(answered.answers) != len(wishes.wishes):
            why = answered.refused.text if answered.refused else "it answers another number than it was asked"
            raise SignerAway(f"the signer does not understand us, checkpoints wait: {why}")
        return answered.answers


async def _grown(connection: Connection, wanted: Mapping[ProjectKey, Wanted]) -> dict[ProjectKey, Grown]:
    known = {key: each.stored.places for key, each in wanted.items()}
    return await answers(connection, {key: _growth(each) for key, each in wanted.items()}, known)


@asynccontextmanager
async def _plainly() -> AsyncIterator[None]:
    """What one of several tasks raised, by itself."""
    try:
        yield
    except ExceptionGroup as group:  # not except*, which some Pythons have raise a group again
        raise group.exceptions[0] from group


def _growth(wanted: Wanted) -> Question[Grown]:
    """The tree as it is to be signed, and that it extends the one that is."""

    def ask(nodes: Nodes) -> Grown:
        return Frontier.at(nodes, wanted.size), tuple(prove_consistency(nodes, wanted.stored.size, wanted.size))

    return ask


def _require(note: str, checkpoint: Checkpoint) -> None:
    """Raise ``SignerAway`` unless that is what the note says."""
    try:
        text = Note.read(note.encode()).text
    except Malformed as error:
        raise SignerAway(f"what the signer says is no signed note: {error}") from error
    if text != checkpoint.text:
        raise SignerAway(f"the signer has signed something else than it was asked: {text!r}")
