"""Dispatch tokens: JSON Web Tokens (RFC 7519) signed with Ed25519 (RFC 9864), one for each attempt of a node.

A token is made of what the log says of the dispatch and of a key, with no chance in it: made again it is the same, so
it need not be kept anywhere.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from psmp.ledger.notes import Signer, Verifier
from psmp.rules.orchestration.review import bounds
from psmp.rules.orchestration.running import Pass, Run
from psmp.words.ids import Id, ProjectKey, Uuid
from psmp.words.orchestration.dispatch import Dispatch
from psmp.words.orchestration.graph import MaegId
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Word

TYPE: Final = "psmp-dispatch+jwt"
ALGORITHM: Final = "Ed25519"
_AGAIN: Final = "listen for what is dispatched to you; a node that is to be done again comes with a new token"


class Claims(Word):
    """What a token says: by whom (``iss``), for which project, agent, session (the event that registered the graph)."""

    iss: str
    aud: str
    sub: Id
    jti: Uuid
    iat: int
    exp: int
    session: Uuid
    maeg: MaegId
    node: Id
    attempt: int


def claims(key: ProjectKey, run: Run, node: str, token: Pass) -> Claims:
    """What the token for the latest attempt of a node says."""
    work, until = run.of(node), datetime.fromisoformat(token.until)
    return Claims(
        iss=token.key.partition("+")[0],
        aud=str(key),
        sub=run.shape.agents[node].agent,
        jti=token.id,
        iat=int(token.id.replace("-", "")[:12], 16) // 1000,
        exp=int(until.timestamp()),
        session=run.created.id,
        maeg=run.shape.graph.maeg,
        node=node,
        attempt=work.attempt,
    )


def made(said: Claims, signer: Signer) -> str:
    """The token."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": signer.verifier.id.hex()}
    return jwt.encode(header, said.model_dump(), _private(signer), algorithms=[ALGORITHM])


def dispatch(key: ProjectKey, run: Run, node: str, signer: Signer) -> Dispatch | None:
    """What the agent of a node is sent when it may start; None where it may not any more, or by another key."""
    work = run.of(node)
    if work.state != "DISPATCHED" or work.token is None or work.token.key != str(signer.verifier):
        return None
    agent, sub_pac = run.shape.agents[node], run.shape.sub_pacs[node]
    scope, lane = bounds(run.shape, node)
    return Dispatch(
        project=key.project,
        maeg=run.shape.graph.maeg,
        node=node,
        agent=agent.agent,
        sub_pac=sub_pac.sub_pac,
        attempt=work.attempt,
        task=sub_pac.task,
        lane=lane,
        scope=scope,
        inputs=dict(work.values),
        outputs=agent.outputs,
        correction=work.correction,
        token=made(claims(key, run, node, work.token), signer),
        expires=work.token.until,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A token as somebody shows it: ``agent``, for ``project``, ``at`` some time (RFC 3339)."""

    token: str
    agent: str
    project: ProjectKey
    at: str


def verified(shown: Shown, run: Run | None, said: Claims) -> Refused | None:
    """Why a token does not let its bearer start; None when it does.

    1. It names a graph of this project that is registered, in the session in which it runs.
    2. It is signed by the key that the log names for its node.
    3. Who shows it is the agent that it was made for (GS_207).
    4. It is of the attempt that counts, and was not used before.
    5. Its time is not over.
    6. All for whom its node waits have passed (GS_203), on the inputs that it was dispatched with.
    """
    if run is None or (said.aud, said.session) != (str(shown.project), run.created.id) or not run.is_open:  # 1
        return _refused(Code.TOKEN_INVALID, "it is for no graph that runs in this project")
    work = run.of(said.node)
    if work.token is None or not _holds(shown.token, work.token.key):  # 2
        return _refused(Code.TOKEN_INVALID, f"it is not signed by the key of {said.node}'s dispatch")
    if said.sub != shown.agent:  # 3
        reason = f"{shown.agent} shows the token of {said.sub}"
        return Refused(Gs.AGENT_SIDE_CHANNEL, reason, "a token lets nobody start but the agent that it was made for")
    if (said.jti, said.attempt, work.state) != (work.token.id, work.attempt, "DISPATCHED"):  # 4
        return _refused(Code.TOKEN_SPENT, f"{said.node} is {work.state}, attempt {work.attempt}; this token is spent")
    if shown.at >= work.token.until:  # 5
        return _refused(Code.TOKEN_EXPIRED, f"it counted until {work.token.until}")
    unmet = run.unmet(said.node)
    if unmet or said.node in run.stale:  # 6
        reason = f"{said.node} waits for {', '.join(unmet)}" if unmet else f"what {said.node} takes in has changed"
        return Refused(Gs.DISPATCH_DEPENDENCY_UNMET, reason, "show it again once they have passed their reviews")
    return None


def read(token: str) -> Claims | None:
    """What a token says, whoever made it; None when it is none of ours by its form. Nothing is verified by this."""
    header, _, rest = token.partition(".")
    said, _, signature = rest.partition(".")
    try:
        return Claims.model_validate_json(urlsafe_b64decode(said + "==")) if header and signature else None
    except ValueError:  # of base64, of pydantic
        return None


def _refused(code: Code, why: str) -> Refused:
    return Refused(code, f"the token does not count: {why}", _AGAIN)


def _holds(token: str, key: str) -> bool:
    try:
        return jwt.decode(token, _public(key), algorithms=[ALGORITHM]).header.get("typ") == TYPE
    except (JoseError, ValueError):
        return False


@lru_cache(maxsize=64)
def _public(written: str) -> OKPKey:
    return OKPKey.import_key(_jwk(Verifier.read(written).key))


@lru_cache(maxsize=4)
def _private(signer: Signer) -> OKPKey:
    return OKPKey.import_key(_jwk(signer.verifier.key) | {"d": _base64(signer.seed)})


def _jwk(public: bytes) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64(public)}


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
