"""What a project needs, read from the manifests that it has anyway, without running anything."""

from pathlib import Path

from psmp.cli.manifests import npm, pyproject, requirements
from psmp.cli.manifests.found import Found, ManifestFault

__all__ = ["Found", "ManifestFault", "read"]


def read(path: Path, *, root: Path | None = None, purpose: str = "") -> Found:
    """What the manifest at ``path`` asks for, by its name; raises ``ManifestFault``.

    ``root`` is how far up included files may lie (by default the manifest's folder), ``purpose`` the reason for needs
    that name none themselves.
    """
    if path.name == "pyproject.toml":
        return pyproject.read(path, root=root, purpose=purpose)
    if path.name == "package.json":
        return npm.read(path, purpose=purpose)
    if path.suffix in {".txt", ".in"}:
        return requirements.read(path, root=root, purpose=purpose)
    hint = "psmp reads pyproject.toml, package.json and requirements files (*.txt, *.in); others: --dep 'name>=1.0'"
    raise ManifestFault(path, None, "not a manifest that can be read", hint)
