"""The names of files in diffs: quoted as C does it, with prefixes, with time stamps behind them."""

import re
from typing import Final

_ESCAPE: Final = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_LETTERS: Final = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_QUOTED: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_PREFIXES: Final = frozenset(b"abciow12")
_NOTHING: Final = b"/dev/null"


def name_of(text: bytes, *, stamped: bool = False) -> bytes:
    """The name that ``text`` gives, quoted or not; with ``stamped`` a tab and what is behind it do not belong to it."""
    quoted = _QUOTED.match(text)
    if quoted is not None:
        return _unquoted(quoted[0])
    return text.partition(b"\t")[0] if stamped else text


def pair_of(text: bytes) -> tuple[bytes, bytes] | None:
    """The two names behind ``diff --git`` where both are of one file, without prefixes; None where they are not.

    Unquoted names may hold blanks: they are told apart by being the same but for their prefixes.
    """
    first = _QUOTED.match(text)
    if first is not None:
        old, new = name_of(first[0]), name_of(text[first.end() + 1 :])
    elif text.endswith(b'"') and (at := text.find(b' "')) > 0:
        old, new = text[:at], name_of(text[at + 1 :])
    else:
        middle = len(text) // 2
        old, new = text[:middle], text[middle + 1 :]
    one, other = unprefixed(old, new)
    return (one, other) if one == other else None


def unprefixed(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Two names without git's ``a/`` and ``b/`` (or ``i/``, ``w/``, ...), or the two folders that were compared."""
    real = [name for name in (old, new) if name != _NOTHING]
    rests = {name.partition(b"/")[2] for name in real}
    git = all(name[1:2] == b"/" and name[0] in _PREFIXES for name in real)
    # A folder may be called as a prefix is: where both names are the very same nothing stands before them.
    two = len(real) > 1 and old != new
    if rests == {b""} or not ((git and (two or len(real) == 1)) or (two and len(rests) == 1)):
        return old, new
    one, other = (name if name == _NOTHING else name.partition(b"/")[2] for name in (old, new))
    return one, other


def _unquoted(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        said = found[1]
        return bytes([_LETTERS[said] if said in _LETTERS else int(said, 8) & 0xFF])

    return _ESCAPE.sub(plain, text[1:-1])
