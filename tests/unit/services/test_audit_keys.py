"""The files of public keys that the audit writer is given: read, or refused by the name of their setting."""

from pathlib import Path

import pytest

from psmp.ledger.keys import Use
from psmp_audit.__main__ import _keys


def test_without_a_file_there_are_no_keys() -> None:
    assert _keys("PSMP_LOG_KEYS", None, Use.LOG, "") == ()


@pytest.mark.parametrize(
    ("text", "missing", "why"),
    [
        ("", "there is no log key in it", "PSMP_LOG_KEYS: there is no log key in it\n"),
        ("nonsense", "", "PSMP_LOG_KEYS: "),
        (None, "", "PSMP_LOG_KEYS: [Errno 2] No such file"),
    ],
)
def test_what_cannot_be_used_ends_the_process_and_says_which_setting_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, missing: str, why: str
) -> None:
    file = tmp_path / "keys"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        _keys("PSMP_LOG_KEYS", file, Use.LOG, missing)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(why)
