"""What went wrong, for people: how the command ends, one sentence, and what to type next."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psmp.cli.exits import Exit, of_refusal
from psmp.words.refusals import Code
from psmp.words.spelling import SYSTEM_TENANT

if TYPE_CHECKING:
    from psmp.client import Refusal

EXTRAS: Final = {
    "cryptography": "cli",
    "cyclopts": "cli",
    "rich": "cli",
    "yaml": "cli",
    "asyncpg": "server",
    "structlog": "server",
    "prometheus_client": "server",
    "pydantic_settings": "server",
    "uv": "server",
    "mcp": "mcp",
    "mcp_types": "mcp",
}
"""Modules that come with an extra of the distribution."""

BY_NAME: Final = {
    "DiffFault": Exit.USAGE,
    "ManifestFault": Exit.USAGE,
    "InvalidPath": Exit.USAGE,
    "Misspelt": Exit.USAGE,
    "ScenarioFault": Exit.USAGE,
    "PostgresUnavailable": Exit.UNREACHABLE,
    "PostgresTooOld": Exit.FAULT,
    "MigrationEdited": Exit.FAULT,
    "DatabaseNewer": Exit.FAULT,
    "Regressed": Exit.INTEGRITY,
    "NotRestored": Exit.INTEGRITY,
    "Behind": Exit.STALE,
    "Undeletable": Exit.FAULT,
    "StackError": Exit.FAULT,
    "LeashLost": Exit.FAULT,
}
"""Errors of modules that are not loaded only to be compared with: whoever raised one has loaded it."""


class Complaint(Exception):
    """A command cannot go on; ends with what to type next."""

    def __init__(self, end: Exit, text: str, hint: str) -> None:
        super().__init__(text)
        self.end, self.hint = end, hint


@dataclass(frozen=True, slots=True)
class Fault:
    """How a command ended that did not end well."""

    end: Exit
    text: str
    hint: str
    conflicts: tuple[str, ...] = ()
    code: str = ""


def explain(error: BaseException) -> Fault | None:
    """What is known of ``error``; None when it is none that anybody foresaw."""
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return explain(error.exceptions[0])
    hint = str(getattr(error, "hint", ""))
    match error:
        case Complaint():
            return Fault(error.end, str(error), hint)
        case ImportError(__cause__=ImportError() as cause):  # a command that could not be loaded, and why
            return explain(cause)
        case ModuleNotFoundError(name=str(name)) if (extra := EXTRAS.get(name.partition(".")[0])) is not None:
            return Fault(Exit.FAULT, f"{name} is not installed", f"pip install 'psmp[{extra}]'")
    return _of_usage(error) or _of_client(error, hint) or _of_machinery(error, hint)


def _of_usage(error: BaseException) -> Fault | None:
    from cyclopts import CycloptsError  # noqa: PLC0415 - only where something went wrong

    if isinstance(error, CycloptsError):
        chain = " ".join(error.command_chain or ())
        return Fault(Exit.USAGE, str(error), f"psmp {chain} --help" if chain else "psmp --help")
    return None


def _of_client(error: BaseException, hint: str) -> Fault | None:
    from psmp.client import errors  # noqa: PLC0415 - only where something went wrong

    if not isinstance(error, errors.PsmpError):
        return None
    if isinstance(error, errors.NotCovered):
        end = Exit.STALE if error.code == "NOT_RECORDED" else Exit.INTEGRITY
        return Fault(end, error.reason, hint, code=error.code)
    if isinstance(error, errors.Refusal):
        end = Exit.UNREACHABLE if error.code == "UNAVAILABLE" else of_refusal(error.code)
        return Fault(end, error.reason, _next(error, hint), error.conflicts, error.code)
    if isinstance(error, errors.Unsettled):
        hint = f"the same again with --command-id {error.command_id}: twice has the effect of once; or psmp doctor"
    return Fault(_end_of(error, errors), error.reason, hint)


def _next(refusal: "Refusal", hint: str) -> str:
    """What a refusal advises, and the command that shows how its project stands."""
    if refusal.code == Code.UNKNOWN_PROJECT:
        return "psmp projects lists those that there are; psmp create makes one"
    key = refusal.settled.envelope.key if refusal.settled else None
    project = key.project if key and key.tenant != SYSTEM_TENANT else None
    return "; ".join(each for each in (hint, f"psmp status {project}" if project else "") if each)


def _end_of(error: Exception, errors: Any) -> Exit:  # noqa: ANN401 - the module of errors
    table: dict[type[Exception], Exit] = {
        errors.Invalid: Exit.USAGE,
        errors.NotAllowed: Exit.NOT_ALLOWED,
        errors.Damaged: Exit.INTEGRITY,
        errors.LogDamaged: Exit.INTEGRITY,
        errors.FalseReceipt: Exit.INTEGRITY,
        errors.NoSuchPast: Exit.STALE,
        errors.Pruned: Exit.STALE,
        errors.DeadlinePassed: Exit.UNREACHABLE,
        errors.Unreachable: Exit.UNREACHABLE,
        errors.Overloaded: Exit.UNREACHABLE,
    }
    return next((end for kind, end in table.items() if isinstance(error, kind)), Exit.FAULT)


def _of_machinery(error: BaseException, hint: str) -> Fault | None:
    from psmp.log.port import Damaged, Unreachable  # noqa: PLC0415 - only where something went wrong
    from psmp.wire.assets import AssetRefused  # noqa: PLC0415
    from psmp.wire.connection import NatsUnreachable  # noqa: PLC0415

    match error:
        case Damaged():
            return Fault(Exit.INTEGRITY, str(error), hint)
        case NatsUnreachable() | Unreachable():
            return Fault(Exit.UNREACHABLE, str(error), hint or "psmp doctor")
        case AssetRefused():
            return Fault(Exit.FAULT, str(error), "psmp doctor, and see that these credentials may manage streams")
    named = {each.__name__ for each in type(error).__mro__}
    end = next((end for name, end in BY_NAME.items() if name in named), None)
    return None if end is None else Fault(end, str(error), hint or "psmp doctor")
