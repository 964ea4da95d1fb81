"""The command ``psmp``: its commands by name, and the one place where every command ends."""

import os
import sys
from typing import TYPE_CHECKING, Final

from psmp.cli.exits import MEANING, Exit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from cyclopts import App, Group

HOOK: Final = ["hook", "claude-code"]
"""What an editor waits for before every tool."""

ABOUT: Final = "Governance for projects that many AI agents build at once."

COMMANDS: Final = {
    "Start": {
        "dev": ("dev:dev", "Run everything on this machine: NATS, Postgres and all services."),
        "demo": ("demo:demo", "Play the story of six agents, one clash and the way out, and check its outcome."),
        "init": ("init:init", "Write a psmp.toml, and on request what Claude Code and Cursor need."),
        "mcp": ("mcp:mcp", "Serve the tools for models (MCP) on standard input and output."),
        "hook claude-code": ("hook:claude_code", "Stop a tool of Claude Code while the project is blocked."),
        "setup": ("setup:setup", "Prepare your own NATS and Postgres: streams, consumers, tables."),
    },
    "Work": {
        "create": ("lifecycle:create", "Create a project."),
        "change": ("lifecycle:change", "Change a project: its name, where it must run, how it is governed."),
        "declare": ("declaring:declare", "Say what an artifact is, what it needs and what it touches."),
        "amend": ("declaring:amend", "Change a declaration."),
        "withdraw": ("declaring:withdraw", "Take an artifact out of the project."),
        "resolve": ("resolve:resolve", "Resolve a conflict."),
        "answer": ("resolve:answer", "Answer a proposal that changes what is one's own."),
        "transition": ("lifecycle:transition", "Move a project along its lifecycle."),
        "archive": ("lifecycle:archive", "Put a project away for good: completed, or given up."),
        "task add": ("tasks:add", "Plan a task: for an agent, or for whoever takes it."),
        "task list": ("tasks:listing", "The planned tasks of a project."),
        "task show": ("tasks:show", "One task: what is to be done, by whom, and what shall come of it."),
        "task take": ("tasks:take", "Begin a task that is one's own or nobody's."),
        "task done": ("tasks:done", "Say that a task is done; all that shall come of it must be ACTIVE."),
        "task change": ("tasks:change", "Change a task, or give it to somebody else."),
        "task archive": ("tasks:archive", "Take a task off the list, with the reason."),
        "run": ("run:run", "Run a command with the right to run, or not at all."),
        "begin": ("slots:begin", "Ask for the right to run."),
        "renew": ("slots:renew", "Ask for another term before the one that runs is over."),
        "finish": ("slots:finish", "Give the right to run back."),
        "leave": ("slots:leave", "Wait for a slot no longer."),
        "acknowledge": ("alerts:acknowledge", "Take an alert in hand."),
        "maeg submit": ("maeg:submit", "Register a graph of agents from a file of YAML or JSON."),
        "maeg check": ("maeg:check", "Say everything that is wrong with a graph in a file; needs no server."),
        "maeg show": ("maeg:show", "How a graph of agents stands, as a tree or as Mermaid."),
        "maeg watch": ("maeg:watch", "See a graph of agents as it runs, until it is settled."),
        "maeg verify": ("maeg:verify", "Prove the settlement of graphs offline, from a bundle."),
        "maeg attest": ("maeg_attest:attest", "Have a settlement that a bundle proves signed, as in-toto statement."),
        "heartbeat": ("slots:heartbeat", "Say that an agent is alive."),
    },
    "Look": {
        "status": ("status:status", "How a project stands, now or at any time in the past."),
        "diff": ("diff:diff", "What changed in a project between two events or times."),
        "projects": ("status:projects", "The projects that there are."),
        "inbox": ("alerts:inbox", "What waits for a person, in all projects, and what to type."),
        "alerts": ("alerts:alerts", "What is amiss in a project, or in all."),
        "events": ("events:events", "What happened in a project."),
        "tasks": ("resolve:tasks", "What an agent is asked to do: about conflicts, and of what is planned."),
        "watch": ("watch:watch", "See what happens, as it happens."),
        "analytics": ("analytics:analytics", "Who causes which share of the conflicts, and how long they last."),
    },
    "Check": {
        "check": ("check:check", "Say whether declarations in a file can stand together; needs no server."),
        "settle": ("settle:settle", "Say whether two changes, as git or as diffs have them, can be merged."),
        "manifest": ("manifest:manifest", "Write what a project needs as one set that can be installed, by hash."),
        "sbom": ("sbom:sbom", "Write what a project declares that it needs as a bill of materials."),
        "attest": ("attest:attest", "Sign what holds of a completed project, as an in-toto statement."),
        "verify": ("verify:verify", "Verify the record: on the running system, or a bundle of it, offline."),
        "receipts": ("receipts:receipts", "Show the receipts in a file, and whether their signatures hold."),
        "export": ("export:export", "Write the record: a bundle that anybody can verify offline, JSON or CSV."),
        "replay": ("replay:replay", "Rebuild projections from the log and compare, or decide decisions again."),
        "report": ("report:report", "What the record says about the controls of SOC 2, GDPR or HIPAA."),
        "restore log": ("restore:log", "Write the log again from the ledger, where it has lost records or has others."),
        "restore ledger": ("restore:ledger", "Fill the ledger again from the log, where it has lost records."),
        "dlq list": ("dlq:listing", "Dead letters: what was given up, why, and what became of it."),
        "dlq show": ("dlq:show", "One dead letter with its headers, its body and its history."),
        "dlq retry": ("dlq:retry", "Have dead letters handled once more."),
        "dlq drop": ("dlq:drop", "Give dead letters up for good; they stay in the stream."),
        "checkpoints": (
            "checkpoints:checkpoints",
            "The newest checkpoint of every log: what it covers, who signed.",
        ),
        "prove": ("checkpoints:prove", "Print the proof that a record is in the ledger, for anybody to check."),
        "tiles": ("checkpoints:tiles", "Write a log in the form of C2SP tlog-tiles, for other people's tools."),
        "witness": ("witness:witness", "Cosign checkpoints that extend what was seen before, as somebody else."),
        "webhook add": ("webhooks:add", "Have events posted to a receiver; the secret is shown once."),
        "webhook list": ("webhooks:listing", "The webhooks of the tenant, and how posting goes."),
        "webhook change": ("webhooks:change", "Change where a webhook goes, or begin one anew that has ended."),
        "webhook rotate": ("webhooks:rotate", "Give a webhook a new secret; the old one goes on for a while."),
        "webhook test": ("webhooks:try_out", "Have an event posted by one webhook, to see whether it arrives."),
        "webhook remove": ("webhooks:remove", "Have nothing more posted by a webhook."),
        "key create": ("keys:create", "Make an agent's API key and NATS user in one; it is shown once."),
        "key list": ("keys:listing", "The keys that there are or were."),
        "key rotate": ("keys:rotate", "Make another key that may do the same, and let the old one end soon."),
        "key revoke": ("keys:revoke", "Let a key open nothing any more."),
        "key apply": ("keys:apply", "Tell a NATS of your own who has a key."),
        "signing-key make": ("signing_key:make", "Make a key that the ledger is signed with, print its public line."),
        "signing-key public": ("signing_key:public", "Print the public lines of a file of private keys."),
        "doctor": ("doctor:doctor", "See whether everything that PSMP stands on is in order."),
        "erase": ("erase:erase", "Destroy what a person has said of itself, for good; changes no hash."),
        "retention set": ("retention:keep", "Say for how long what a tenant has archived is kept."),
        "retention apply": ("retention:apply", "Show or prune what has been kept for long enough; no hash goes."),
        "hold add": ("retention:add", "Lay a legal hold on a project: nothing of it is pruned."),
        "hold release": ("retention:release", "Take the legal hold from a project."),
        "completion": ("completion:completion", "Print the completion script for a shell."),
    },
}
"""Every command by group: the function that carries it out, below ``psmp.cli.commands``, and its line in the help."""

GROUPS: Final = {
    "retention": "Retention: for how long events of archived projects are kept, and what goes then.",
    "hold": "Legal holds: what is kept whatever retention says.",
    "hook": "Hooks: what other programs call before they act, and that really stops them.",
    "maeg": "Graphs of agents: submit one from a file, see it run, prove its settlement (docs/orchestration.md).",
    "dlq": "Dead letters: see what was given up, have it handled once more, or drop it.",
    "key": "Keys of agents, people and programs, for the HTTP API and NATS: make, see, change, revoke them.",
    "task": "Planned tasks: what is to be done in a project, by whom, and what comes of it (docs/tasks.md).",
    "webhook": "Webhooks of the tenant: who is told what happens (docs/webhooks.md).",
    "signing-key": "Keys of the ledger: make one that it is signed with, or see what others verify it by.",
    "restore": "Put log or ledger right from the other, where one has gone back in time (docs/recovery.md).",
}
"""What the commands of two words have in common."""

RENAMED: Final = {
    ("api-key", "create"): "key create",
    ("api-key", "list"): "key list",
    ("api-key", "revoke"): "key revoke",
    ("key", "make"): "signing-key make",
    ("key", "public"): "signing-key public",
}
"""What commands are called that had another name before; they are still understood by it."""


def epilogue() -> str:
    """The exit codes, as the help shows them."""
    return "\n".join(("Exit codes", *(f"  {end.value:>3}  {meaning}" for end, meaning in MEANING.items())))


def version() -> str:
    """The version of this distribution."""
    from psmp import __version__  # noqa: PLC0415 - see main

    return f"psmp {__version__}"


def build() -> "App":
    """The application; no command is imported before it is called."""
    from cyclopts import App, Group, Parameter  # noqa: PLC0415 - see main

    app = App(
        name="psmp",
        help=ABOUT,
        help_epilogue=epilogue(),
        help_format="plaintext",
        version=version,
        default_parameter=Parameter(negative=(), show_default=_worth_showing),
        suppress_keyboard_interrupt=False,
    )
    for place, (group, commands) in enumerate(COMMANDS.items()):
        shown = Group(group, sort_key=place)
        for order, (name, (where, about)) in enumerate(commands.items()):
            _add(app, name, f"psmp.cli.commands.{where}", about, shown, order)
    last = Group("Options", sort_key=len(COMMANDS))
    app.register_install_completion_command(help="Install completion for the shell in use.", group=last)
    app["--help"].group = app["--version"].group = last
    return app


def _add(app: "App", name: str, where: str, about: str, group: "Group", order: int) -> None:
    """Add a command; one of two words below what the first of them names."""
    first, _, second = name.rpartition(" ")
    if first and first not in app:
        made = type(app)(name=first, help=GROUPS[first], help_epilogue=epilogue(), group=group, sort_key=order)
        app.command(made)
    if first:
        app[first].command(where, name=second, help=about, sort_key=order)
    else:
        app.command(where, name=name, help=about, group=group, sort_key=order)


def _worth_showing(default: object) -> object:
    """What the help shows of a default; nothing of an empty one."""
    return None if default in (None, "", (), False) else default


def main(arguments: "Sequence[str] | None" = None) -> None:
    """Run one command and exit with the code that the table of ``psmp.cli.exits`` gives it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:  # a question that is asked often: answered before anything is imported
        sys.stdout.write(version() + "\n")
        return
    sys.excepthook = unforeseen
    if words[:2] == HOOK and _is_free(words[2:]):
        return
    sys.exit(run(words))


def _is_free(words: "Sequence[str]") -> bool:
    from psmp.cli import glimpse  # noqa: PLC0415 - for the one command that must take no time

    return glimpse.is_free(words, os.environ)


def run(words: "Sequence[str]") -> int:
    """How the command of these words ends; whatever is understood of a fault is said on stderr."""
    from psmp.cli.faults import explain  # noqa: PLC0415 - see main
    from psmp.cli.output import Unheard  # noqa: PLC0415 - see main

    words = _renamed(words)
    try:
        end = build()(words, exit_on_error=False, print_error=False, result_action="return_value")
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Unheard:
        return Exit.DONE
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # so rich says it, when the help was read as far as wanted
            return Exit.DONE
        raise
    except BaseException as error:
        fault = explain(error)
        if fault is None or debugging():
            raise
        _tell(fault.text, fault.hint, fault.code)
        return fault.end
    return int(end or Exit.DONE)


def _renamed(words: "Sequence[str]") -> "Sequence[str]":
    name = RENAMED.get(tuple(words[:2]))  # type: ignore[arg-type]  # fewer words are no key
    if name is None:
        return words
    sys.stderr.write(f"psmp: psmp {' '.join(words[:2])} is called psmp {name} now\n")
    return [*name.split(), *words[2:]]


def _tell(text: str, hint: str, code: str = "") -> None:
    from psmp.cli.output import coloured  # noqa: PLC0415 - only where something went wrong

    red, dim, off = ("\033[1;31m", "\033[2m", "\033[0m") if coloured(sys.stderr) else ("", "", "")
    named = f"{code}: " if code else ""
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)  # others' words cannot steer a terminal
    sys.stderr.write(f"{red}psmp:{off} {named}{text}\n")
    if hint:
        sys.stderr.write(f"{dim}next:{off} {hint}\n")


def debugging() -> bool:
    """Whether a fault is to be shown with its traceback."""
    return bool(os.environ.get("PSMP_DEBUG"))


def unforeseen(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """What is said of a fault that nobody foresaw; Python then ends with status 1, which is ``Exit.FAULT``."""
    if debugging():
        sys.__excepthook__(kind, error, trace)
        return
    _tell(f"unexpected {kind.__name__}: {error}", "run it again with PSMP_DEBUG=1 to see where, and report that")


if __name__ == "__main__":
    main()
