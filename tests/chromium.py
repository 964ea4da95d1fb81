"""The browser that tests walk with: the one that is named, the one that is installed, or one that a package carries."""

import os
import platform
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests import node

NAMED: Final = "PSMP_CHROMIUM"
"""The variable that names the program."""

_INSTALLED: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CARRIED: Final = Path(__file__).parent / "browser" / "carried"
_UNPACKED_WITHIN: Final = 240


def chromium(folder: Path) -> tuple[str, dict[str, str]]:
    """The program, and what it needs in its environment; unpacked into ``folder`` where none is installed."""
    installed = os.environ.get(NAMED) or next(filter(None, map(shutil.which, _INSTALLED)), None)
    if installed is not None:
        return installed, {}
    try:
        return _carried(folder)
    except AssertionError as error:
        pytest.fail(
            f"no Chromium is installed, and the one of the package cannot be had ({error}): "
            f"apt-get install chromium, or name one with {NAMED}",
            pytrace=False,
        )


def _carried(folder: Path) -> tuple[str, dict[str, str]]:
    assert (platform.system(), platform.machine()) == ("Linux", "x86_64"), "it is for Linux on x86-64 alone"
    node.fetched(_CARRIED)
    done = node.run(_CARRIED, "unpack.mjs", str(folder), within=_UNPACKED_WITHIN)
    assert done.returncode == 0, done.stdout
    return str(folder / "chromium"), {"LD_LIBRARY_PATH": str(folder / "lib")}
