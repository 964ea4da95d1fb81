"""The word about the standing: read as it was written, and what it means for whoever hears it."""

import pytest

from psmp.wire.standing import State, Word


@pytest.mark.parametrize(
    "word",
    [
        Word(State.WELL),
        Word(State.RESTORING),
        Word(State.REGRESSED, ("the log lacks records 5 to 9",), "psmp restore log"),
    ],
)
def test_a_word_is_read_as_it_was_written(word: Word) -> None:
    assert Word.read(word.written()) == word
    assert bool(word.trouble) == (word.state is not State.WELL)


def test_what_is_missing_and_what_to_type_is_the_trouble() -> None:
    word = Word(State.REGRESSED, ("the log lacks records 5 to 9",), "psmp restore log --yes")
    assert word.trouble == "the log lacks records 5 to 9. Next: psmp restore log --yes"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"state": "odd", "missing": [], "hint": ""}', b"[]"])
def test_anything_else_is_no_word(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Word.read(body)
