"""Where a running ``psmp dev`` says what its addresses are. Nothing of this takes time to load."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def dev_file(environment: Mapping[str, str]) -> Path:
    """Where a running ``psmp dev`` says what its addresses are."""
    state = environment.get("XDG_STATE_HOME")
    home = Path(environment.get("HOME") or Path.home())
    return (Path(state) if state else home / ".local" / "state") / "psmp" / "dev.json"


def running_dev(environment: Mapping[str, str]) -> Mapping[str, Any]:
    """What a running ``psmp dev`` says; empty when none runs for this user."""
    try:
        said = json.loads(dev_file(environment).read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
