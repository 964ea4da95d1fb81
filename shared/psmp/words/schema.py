"""The contract for machines, generated from the models: a JSON Schema for each command and event, and AsyncAPI.

Pure; ``python -m psmp.wire.contract`` writes the files.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from psmp.words import answers, subjects
from psmp.words.commands import COMMANDS
from psmp.words.envelope import CommandEnvelope, EventEnvelope, type_of
from psmp.words.events import EVENTS
from psmp.words.orchestration import seen
from psmp.words.orchestration.dispatch import Dispatch
from psmp.words.progress import CheckProgress
from psmp.words.values import Word

Json = dict[str, Any]
Kinds = Sequence[type[Any]]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_FILE: Final = "asyncapi.json"

SETTLING: Final = (
    "project.created",
    "project.transitioned",
    "artifact.accepted",
    "artifact.withdrawn",
    "conflict.detected",
    "conflict.cleared",
    "resolution.applied",
    "resolution.refused",
    "resolution.failed",
    "resolution.answered",
    "slot.granted",
    "slot.refused",
    "slot.left",
    "slot.renewed",
    "slot.finished",
    "slot.failed",
    "alert.raised",
    "alert.acknowledged",
    "letter.retried",
    "letter.dropped",
    "subject.erased",
    "hold.placed",
    "hold.released",
    "retention.changed",
    "maeg.created",
    "maeg.approved",
    "maeg.abandoned",
    "subpac.executed",
    "subpac.reviewed",
    "subpac.issued",
    "webhook.added",
    "webhook.changed",
    "webhook.removed",
    "webhook.rotated",
    "webhook.tested",
    "project.changed",
    "task.created",
    "task.changed",
    "task.archived",
    "command.refused",
)
"""The kinds of events that can be a command's outcome."""

_QUESTIONS: Final[Mapping[str, tuple[type[Word], type[Word]]]] = {
    "status": (answers.StatusQuestion, answers.Status),
    "projects": (answers.ProjectsQuestion, answers.ProjectList),
    "events": (answers.EventsQuestion, answers.EventsPage),
    "alerts": (answers.AlertsQuestion, answers.AlertList),
    "orchestrations": (seen.OrchestrationsQuestion, seen.OrchestrationList),
    "orchestration": (seen.OrchestrationQuestion, seen.Orchestration),
    "settlement": (seen.SettlementQuestion, seen.Settlement),
    "checkpoint": (answers.CheckpointQuestion, answers.SignedCheckpoint),
    "webhooks": (answers.WebhooksQuestion, answers.WebhookHealthList),
    "secret": (answers.SecretQuestion, answers.WebhookSecret),
}

_ENVELOPES: Final[tuple[type[Word], ...]] = (CommandEnvelope, EventEnvelope)

_PARAMETERS: Final[Mapping[str, str]] = {
    "tenant": "Whose project it is; one token.",
    "project": "The project's id; one token.",
    "agent": "The agent's id; one token. The broker lets a connection use its own only.",
    "entity": "What the event is about, for example `artifact`.",
    "event": "What happened to it, for example `declared`.",
    "command": "The `id` of the command that was sent.",
    "service": "The service that wrote it, or whose it is to handle.",
    "consumer": "The durable consumer through which the message came.",
    "stream": "The stream that the message lies in.",
    "position": "The message's sequence in its stream.",
}


class _Untitled(GenerateJsonSchema):
    """A field's name is all the title that it needs."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - as pydantic has it
        return False


def documents(streams: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Every file of the contract by its name. ``streams`` are the JetStream streams as they are configured."""
    files = {schema_file(word.KIND): _data_schema(word) for word in (*COMMANDS, *EVENTS)}
    files[ASYNCAPI_FILE] = asyncapi(streams)
    return {name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in files.items()}


def schema_file(kind: str) -> str:
    """The file that has the schema of a kind's ``data``."""
    return f"{kind}.v1.json"


def asyncapi(streams: Sequence[Mapping[str, Any]]) -> Json:
    """The AsyncAPI 3.0 document: channels are subjects, messages are CloudEvents, operations are PSMP's own."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "PSMP",
            "version": "1.0.0",
            "description": (
                "Governance of projects that many AI agents build at once, over NATS. "
                "Operations are those of PSMP: what it receives, agents send."
            ),
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": _command_channels() | _event_channels() | _other_channels() | _signed_channels() | _questions(),
        "operations": _operations(),
        "components": {
            "messages": _messages(),
            "parameters": {name: {"description": text} for name, text in _PARAMETERS.items()},
            "schemas": _schemas(),
        },
        "x-jetstream": {"streams": [{k: v for k, v in stream.items() if k != "metadata"} for stream in streams]},
    }


def _schema(model: type[Word]) -> Json:
    schema = model.model_json_schema(schema_generator=_Untitled)
    _described({"": schema} | schema.get("$defs", {}))
    return schema


def _described(schemas: dict[str, Json]) -> Json:
    """The schemas, their descriptions written for readers of Markdown."""
    for schema in schemas.values():
        schema["description"] = _markdown(schema.get("description"))
    return schemas


def _markdown(docstring: str | None) -> str:
    """A docstring on one line, with Markdown's quotes."""
    return " ".join((docstring or "").replace("``", "`").split())


def _summary(word: type[Any]) -> str:
    return _markdown((word.__doc__ or "").partition("\n\n")[0])


def _data_schema(word: type[Any]) -> Json:
    return {"$schema": DIALECT, "$id": f"urn:psmp:{word.KIND}:v1", **_schema(word)}


def _envelope_schema(envelope: type[Word]) -> Json:
    """The envelope with any ``data``; each message says which it has."""
    schema = _schema(envelope)
    schema.pop("$defs")
    schema["properties"]["data"] = {"type": "object"}
    return schema


def _message(word: type[Any], envelope: str) -> Json:
    data = {"$ref": f"./{schema_file(word.KIND)}"}
    narrowed = {"properties": {"type": {"const": type_of(word.KIND)}, "data": data}}
    return {
        "name": type_of(word.KIND),
        "title": word.__name__,
        "summary": _summary(word),
        "contentType": "application/cloudevents+json",
        "payload": {"allOf": [{"$ref": f"#/components/schemas/{envelope}"}, narrowed]},
    }


def _messages() -> Json:
    commands = {word.KIND: _message(word, "CommandEnvelope") for word in COMMANDS}
    events = {word.KIND: _message(word, "EventEnvelope") for word in EVENTS}
    asked: Json = {}
    for models in _QUESTIONS.values():
        asked |= {model.__name__: _plain_message(model) for model in models}
    asked |= {"Problem": _plain_message(answers.Problem)}
    heartbeat = {"contentType": "text/plain", "payload": {"enum": ["alive", "leaving"]}}
    said = {"compatibility.progressed": _plain_message(CheckProgress), "heartbeat": heartbeat}
    said["dispatch"] = _plain_message(Dispatch)
    return commands | events | asked | said


def _plain_message(model: type[Word]) -> Json:
    return {
        "summary": _summary(model),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
    }


def _schemas() -> Json:
    asked: list[type[Word]] = [model for models in _QUESTIONS.values() for model in models]
    asked += [answers.Problem, CheckProgress, Dispatch]
    _, found = models_json_schema(
        [(model, "validation") for model in asked],
        schema_generator=_Untitled,
        ref_template="#/components/schemas/{model}",
    )
    return {model.__name__: _envelope_schema(model) for model in _ENVELOPES} | _described(found["$defs"])


def _channel(address: str, messages: Sequence[str], description: str, stream: str = "") -> Json:
    named = [token.strip("{}") for token in address.split(".") if token.startswith("{")]
    channel: Json = {"address": address, "description": description}
    if named:
        channel["parameters"] = {name: {"$ref": f"#/components/parameters/{name}"} for name in named}
    channel["messages"] = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return channel | ({"x-jetstream": {"stream": stream}} if stream else {})


def _command_channels() -> Json:
    return {
        word.KIND: _channel(
            f"psmp.cmd.{{tenant}}.{{project}}.{{agent}}.{word.KIND}",
            [word.KIND],
            _summary(word),
            stream="PSMP_COMMANDS",
        )
        for word in COMMANDS
    }


def _event_channels() -> Json:
    kinds = [word.KIND for word in EVENTS]
    log = _channel(
        "psmp.log.{tenant}.{project}.{entity}.{event}",
        kinds,
        "The log itself. Services append to it conditionally; nobody listens here, for a refused publish is heard too.",
        stream="PSMP_LOG",
    )
    outcome = _channel(
        "psmp.out.{tenant}.{agent}.{project}.{command}",
        SETTLING,
        "The outcome of one command: the stored event that settles it, byte for byte. The header Psmp-Position is its "
        "stream position; without it the refusal was answered but not stored. The header Psmp-Receipt is the signed "
        "promise that it is stored, a signed note as a JSON string, where the service has a key for it.",
    )
    live = {
        f"live.{word.KIND}": _channel(
            f"psmp.evt.{{tenant}}.{{project}}.{word.KIND}",
            [word.KIND],
            "What was stored, told again by the stream with its position in the header Nats-Sequence.",
        )
        for word in EVENTS
    }
    return {"log": log, "outcome": outcome} | live


def _signed_channels() -> Json:
    return {
        "checkpoint": _channel(
            "psmp.checkpoint.{tenant}.{project}",
            [],
            "What a project's ledger was at one size, as a signed note (C2SP tlog-checkpoint). Psmp-Position and "
            "Psmp-Leaf are of the last record that it covers. The anchor log's own: tenant _, project anchor.",
            stream="PSMP_CHECKPOINTS",
        ),
        "sign.checkpoints": _channel(
            "psmp.sign.checkpoints", [], "A request to the signer, from audit alone: what the ledger has grown to."
        ),
        "sign.statement": _channel(
            "psmp.sign.statement", [], "A request to the signer, from the operator alone: a bundle or a DSSE envelope."
        ),
        "sign.export": _channel(
            "psmp.sign.export",
            [],
            "A request to the signer, from the gateway: a bundle, or the envelope of an extract.",
        ),
    }


def _other_channels() -> Json:
    return {
        "heartbeat": _channel(
            "psmp.hb.{tenant}.{project}.{agent}",
            ["heartbeat"],
            "An agent is alive and at work. Not an event: nothing is decided by one.",
            stream="PSMP_HEARTBEATS",
        ),
        "compatibility.progressed": _channel(
            "psmp.live.{tenant}.{project}.compatibility.progressed",
            ["compatibility.progressed"],
            "How far the resolver is, every second from the first on. Not an event: it is stored nowhere.",
        ),
        "turn": _channel(
            "psmp.turn.{service}.{tenant}.{project}",
            [],
            "Which replica of a service has a project in hand; it ends by itself when it is not said again.",
            stream="PSMP_TURNS",
        ),
        "standing": _channel(
            "psmp.standing",
            [],
            "Whether log and ledger stand, or have gone back in time: state, missing, hint. While it is not well "
            "no service writes to the log; the last word counts, and no word is as good as well.",
            stream="PSMP_STANDING",
        ),
        "snapshot": _channel(
            "psmp.snap.{service}.{tenant}.{project}",
            [],
            "What a service has folded of a project: a short cut of its own, in a form of its own.",
            stream="PSMP_SNAPSHOTS",
        ),
        "dispatch": _channel(
            "psmp.dispatch.{tenant}.{project}.{agent}",
            ["dispatch"],
            "What an agent may start, with the token for it; said again until it begins. It is stored nowhere, and the "
            "broker lets nobody hear it but the agent.",
        ),
        "key": _channel(
            "psmp.key.{tenant}.{agent}.{project}",
            [],
            "The key by which an agent's personal texts in a project are sealed, for intake and keeper alone. With _ "
            "in place of the project: since when the agent is erased.",
            stream="PSMP_KEYS",
        ),
        "given-up": _channel(
            "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.{consumer}",
            [],
            "The broker's own report that nobody answered a message however often it was delivered.",
            stream="PSMP_ADVISORIES",
        ),
        "dead-letter": _channel(
            "psmp.dlq.{service}.{tenant}.{project}.{consumer}.{position}",
            [],
            "A message that can never be handled, as it came, with Psmp-Stream, Psmp-Subject, Psmp-Position, "
            "Psmp-Tries and Psmp-Reason in its headers. Where it names no project, tenant and project are _.",
            stream="PSMP_DLQ",
        ),
    }


def _questions() -> Json:
    asked = {
        f"question.{kind}": _channel(f"psmp.qry.{{tenant}}.{{agent}}.{kind}", [question.__name__], _summary(question))
        for kind, (question, _) in _QUESTIONS.items()
    }
    replies = [answer.__name__ for _, answer in _QUESTIONS.values()] + ["Problem"]
    answer = _channel("", replies, "The asker's own inbox, named in its request.") | {"address": None}
    return asked | {"answer": answer}


def _operations() -> Json:
    commands = {f"decide.{word.KIND}": _receives(word.KIND, [word.KIND], "outcome", SETTLING) for word in COMMANDS}
    events = {f"tell.{word.KIND}": _sends(f"live.{word.KIND}", word.KIND) for word in EVENTS}
    asked = {
        f"answer.{kind}": _receives(
            f"question.{kind}", [question.__name__], "answer", [answer.__name__, answers.Problem.__name__]
        )
        | ({} if kind in subjects.AUDITS else {"bindings": {"nats": {"queue": "keeper"}}})
        for kind, (question, answer) in _QUESTIONS.items()
    }
    heartbeat = {
        "action": "receive",
        "channel": {"$ref": "#/channels/heartbeat"},
        "messages": [{"$ref": "#/channels/heartbeat/messages/heartbeat"}],
    }
    told = {f"tell.{name}": _sends(name, name) for name in ("compatibility.progressed", "dispatch")}
    return commands | events | asked | {"hear.heartbeat": heartbeat} | told


def _sends(channel: str, message: str) -> Json:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"}],
    }


def _receives(channel: str, messages: Sequence[str], reply: str, replies: Sequence[str]) -> Json:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
        "reply": {
            "channel": {"$ref": f"#/channels/{reply}"},
            "messages": [{"$ref": f"#/channels/{reply}/messages/{name}"} for name in replies],
        },
    }
