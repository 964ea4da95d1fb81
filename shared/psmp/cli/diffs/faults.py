"""What is wrong with a diff, or with how it was asked for."""


class DiffFault(ValueError):
    """A diff cannot be had or read: where (``source`` and, where known, its line) and why; ``hint`` says what to do."""

    def __init__(self, source: str, line: int | None, problem: str, hint: str) -> None:
        super().__init__(source, line, problem)
        self.source, self.line, self.problem, self.hint = source, line, problem, hint

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        return f"{place}: {self.problem}"
