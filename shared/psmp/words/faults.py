"""How an error is told: in one line, and never in none."""


def told(cause: BaseException) -> str:
    """An error in one line; those without words by their name."""
    return " ".join(str(cause).split()) or type(cause).__name__
