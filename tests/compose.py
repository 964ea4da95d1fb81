"""docker-compose.yml as far as tests read it: no YAML library is among our dependencies, and the file is regular."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

_SERVICE = re.compile(r"^  (\w+):\n((?:^(?:    .*|)\n)+)", re.MULTILINE)
_SETTING = re.compile(r"^      ([A-Z_]+): (.+)$", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def services() -> dict[str, str]:
    """The text of each service, by name."""
    _, _, text = (ROOT / "docker-compose.yml").read_text().partition("\nservices:\n")
    text, _, _ = text.partition("\nvolumes:\n")
    return dict(_SERVICE.findall(text))


def command(block: str) -> list[str]:
    """What a service runs."""
    [found] = re.findall(r"^    command: (\[.+\])$", block, re.MULTILINE)
    argv: list[str] = json.loads(found)
    return argv


def environment(block: str) -> dict[str, str]:
    """What a service finds in its environment, with variables as they stand."""
    return dict(_SETTING.findall(block))


def variables(text: str) -> set[str]:
    """The variables that ``text`` asks for."""
    return {name for name, _, _ in _VARIABLE.findall(text)}


def resolved(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables replaced as compose does; raises KeyError for one that must be there and is not."""

    def value(match: re.Match[str]) -> str:
        name, sign, otherwise = match.groups()
        return values.get(name) or otherwise if sign == "-" else values[name]

    return _VARIABLE.sub(value, text)


def env_file(path: Path) -> dict[str, str]:
    """The assignments of an env file, without quotes."""
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


def made_secrets(folder: Path) -> dict[str, str]:
    """What make-secrets.sh makes of the examples, in a copy of deploy/ below ``folder``."""
    deploy = folder / "deploy"
    shutil.copytree(ROOT / "deploy", deploy, ignore=shutil.ignore_patterns(".env", "tenants.env"))
    subprocess.run(["/bin/sh", deploy / "make-secrets.sh"], check=True, capture_output=True, timeout=30)
    return env_file(deploy / ".env") | env_file(deploy / "tenants.env")
