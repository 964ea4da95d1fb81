"""The laws of sealing, and which fields of a command it is about."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.personal import fields
from psmp.personal.sealing import NONCE_BYTES, SECRET_BYTES, Key, Name, opened, seal, unseal
from psmp.words import sealed
from psmp.words.commands import (
    AmendArtifact,
    Command,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    ResolveConflict,
    TransitionProject,
)
from psmp.words.envelope import NOBODY, CommandEnvelope, Person, Stamp, open_command, seal_command
from psmp.words.ids import ProjectKey
from psmp.words.sealed import ERASED, FIELDS, SEALED, Token
from psmp.words.values import Phase

KEY = ProjectKey("acme", "rag")
STAMP = Stamp("0190b5a4-0000-7000-8000-000000000000", "2026-11-21T10:00:00.000000Z")
ids = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,9}\Z")
texts = st.text(st.characters(codec="utf-8"), max_size=60)
names = st.sampled_from(FIELDS)
nonces = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)
secrets = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)
keys = st.builds(Key, st.builds(ProjectKey, ids, ids), ids, st.from_regex(r"\A[0-9a-f]{16}\Z"), secrets)


def held(*several: Key) -> dict[Name, bytes]:
    return {(key.project.project, key.subject, key.id): key.secret for key in several}


def token(text: str) -> Token:
    [found] = sealed.tokens(text)
    return found


@given(keys, names, texts, nonces)
def test_what_is_sealed_and_opened_is_what_it_was(key: Key, field: str, text: str, nonce: bytes) -> None:
    stored = seal(key, field, text, nonce)
    assert unseal(key.project.tenant, token(stored), held(key)) == text
    assert str(token(stored)) == stored
    assert len(text) < 4 or text not in stored


@given(keys, names, texts, nonces)
def test_what_is_erased_opens_for_nobody(key: Key, field: str, text: str, nonce: bytes) -> None:
    assert unseal(key.project.tenant, token(seal(key, field, text, nonce)), {}) == ERASED


@given(keys, st.sampled_from(["tenant", "project", "subject", "field", "key", "secret", "text"]), texts, nonces)
def test_it_opens_in_no_other_place_for_no_other_subject_and_by_no_other_key(
    key: Key, changed: str, text: str, nonce: bytes
) -> None:
    found, tenant, secret = token(seal(key, "name", text, nonce)), key.project.tenant, key.secret
    match changed:
        case "tenant":
            tenant += "x"
        case "secret":
            secret = bytes((secret[0] ^ 1,)) + secret[1:]
        case "field":
            found = found._replace(field="reason")
        case "text":
            found = found._replace(text=found.text[:16] + ("B" if found.text[16] == "A" else "A") + found.text[17:])
        case "key":
            found = found._replace(key=found.key[::-1] if found.key != found.key[::-1] else "0" * 15 + "1")
        case _:
            found = found._replace(**{changed: getattr(found, changed) + "x"})
    keyring = {(found.project, found.subject, found.key): secret}
    assert unseal(tenant, found, keyring) == ERASED


@pytest.mark.parametrize("text", ["A", "A" * 5, "AAAA", "A" * 40, "_" * 64])
def test_what_never_was_sealed_does_not_open(text: str) -> None:
    assert (
        unseal("acme", Token("rag", "maria", "name", "0" * 16, text), {("rag", "maria", "0" * 16): bytes(32)}) == ERASED
    )


@given(st.lists(st.tuples(keys, texts, nonces), max_size=3), texts)
def test_sealed_texts_are_found_and_opened_inside_others(parts: list[tuple[Key, str, bytes]], around: str) -> None:
    around = around.replace("[sealed", "")
    ours = [(key._replace(project=key.project._replace(tenant="acme")), text, nonce) for key, text, nonce in parts]
    keyring = held(*(key for key, _, _ in ours))
    ours = [part for part in ours if keyring[part[0].project.project, part[0].subject, part[0].id] == part[0].secret]
    stored = around.join(["", *(seal(key, "reason", text, nonce) for key, text, nonce in ours), ""])
    assert opened("acme", stored, keyring) == around.join(["", *(text for _, text, _ in ours), ""])
    assert sealed.veiled(stored) == around.join(["", *(SEALED for _ in ours), ""])


@given(keys, texts, nonces)
def test_a_document_that_is_revealed_is_json_still(key: Key, text: str, nonce: bytes) -> None:
    stored = seal(key, "reason", text, nonce)
    document = json.dumps({"text": f"she said: {stored}!"})
    assert json.loads(sealed.revealed(document, {stored: text})) == {"text": f"she said: {text}!"}
    assert json.loads(sealed.revealed(document, {})) == {"text": f"she said: {SEALED}!"}


def test_who_writes_what_looks_sealed_is_not_opened_twice() -> None:
    key = Key(KEY, "maria", "0" * 16, bytes(32))
    inner = seal(key, "reason", "inner", bytes(12))
    outer = seal(key, "reason", inner, bytes(11) + b"1")
    assert opened("acme", outer, held(key)) == inner


def test_a_key_is_shown_nowhere() -> None:
    assert repr(Key(KEY, "maria", "0" * 16, b"s" * 32)) == "<key 0000000000000000 of maria in acme/rag>"


def spoken(command: Command, person: Person = NOBODY) -> CommandEnvelope:
    return open_command(seal_command(KEY, "maria", command, STAMP, person=person), command.KIND)


MARIA = Person("Maria", "maria@example.org")


@pytest.mark.parametrize(
    ("command", "person", "told"),
    [
        (TransitionProject(to=Phase.PLANNING, reason="ill"), MARIA, {"name", "contact", "reason"}),
        (TransitionProject(to=Phase.PLANNING, reason="ill"), Person("Maria"), {"name", "reason"}),
        (TransitionProject(to=Phase.PLANNING, reason="ill"), Person(None, "m@x"), {"contact", "reason"}),
        (TransitionProject(to=Phase.PLANNING, reason="ill"), NOBODY, set()),
        (AmendArtifact(artifact="a", reason=""), MARIA, {"name", "contact"}),
        (ResolveConflict(conflict="C-1", strategy="retry", reason="r"), MARIA, {"name", "contact", "reason"}),
        (FinishSlot(failure="ill"), MARIA, {"name", "contact", "failure"}),
        (FinishSlot(), MARIA, {"name", "contact"}),
        (DeclareArtifact(artifact="a", type="code", summary="s"), MARIA, {"name", "contact"}),
        (CreateProject(name="RAG"), MARIA, {"name", "contact"}),
    ],
)
def test_personal_is_the_person_and_what_it_writes_freely(command: Command, person: Person, told: set[str]) -> None:
    envelope = spoken(command, person)
    seen: dict[str, str] = {}
    changed = fields.replaced(envelope, lambda field, text: seen.setdefault(field, f"<{field}:{text}>"))
    assert set(seen) == told
    assert fields.is_personal(envelope) is bool(told)
    assert (changed.personname, changed.personcontact) == (seen.get("name"), seen.get("contact"))
    free = changed.data.model_dump(exclude={*fields.FREE})
    assert free == command.model_dump(exclude={*fields.FREE})
    for field in fields.FREE:
        assert getattr(changed.data, field, None) == seen.get(field, getattr(command, field, None))
