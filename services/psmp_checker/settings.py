"""What the checker needs to know besides what every service does: where packages are looked up, and its limits."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from psmp.service.outcomes import AnsweringSettings


class CheckerSettings(AnsweringSettings):
    """Without ``index_url`` nothing is checked beyond what was declared.

    ``index_dated`` pins the index to the moment of the question: it must say when files were published (PEP 700).
    ``solver_seconds`` is for one check, ``solver_memory_mib`` for each run of the resolver. What is unknown is asked
    again after ``solver_retry_seconds``, then 4, 20 and 120 times that. ``solver_cache`` is nobody else's folder.
    """

    index_url: Annotated[str | None, Field(pattern=r"^https?://.+")] = None
    index_dated: bool = True
    solver_cache: Path | None = None
    solver_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    solver_memory_mib: Annotated[int, Field(ge=256, le=1_048_576)] = 4096
    solver_retry_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
