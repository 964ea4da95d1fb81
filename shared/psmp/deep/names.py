"""Names of packages for artifacts: each artifact is one root of the question, and uv speaks of it by name."""

import re
from hashlib import sha256
from typing import Final

PREFIX: Final = "psmp-root-"
"""What the name of every root starts with; roots are given by path, so that no package of an index can stand in."""

_PLAIN: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MARKED: Final = re.compile(r".*-x[0-9a-f]{12}")


def root_name(artifact: str) -> str:
    """A normalised package name (PEP 503) for the artifact; different artifacts have different names.

    An id that is itself normalised is kept as it is. Any other, and one that looks as if it had been changed, is
    normalised and marked with a digest of how it is really spelled.
    """
    if _PLAIN.fullmatch(artifact) and not _MARKED.fullmatch(artifact):
        return PREFIX + artifact
    slug = re.sub(r"[^a-z0-9]+", "-", artifact.lower()).strip("-")
    mark = "x" + sha256(artifact.encode()).hexdigest()[:12]
    return PREFIX + "-".join(filter(None, (slug, mark)))
