"""``psmp sbom``: what a project declares that it needs, as a bill of materials."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psmp import __version__
from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.files import deliver
from psmp.cli.flags import REACHING, ProjectName, Reaching
from psmp.cli.opened import asking
from psmp.cli.past import At, when
from psmp.deep.declared import declared_bill


async def sbom(
    project: ProjectName = None,
    *,
    at: At = None,
    output: Annotated[Path | None, Parameter(help="The file to write; left out, standard output.")] = None,
    reaching: Reaching = REACHING,
) -> Exit:
    """Write what stands declared in a project as a CycloneDX 1.6 bill of materials: each package, who needs it and how.

    Nothing is resolved and no index is asked; psmp manifest --format cyclonedx does that. The same position gives the
    same bytes.
    """
    async with asking(reaching) as client:
        status = await client.status(settings.project_of(project), **when(at))
    deliver(declared_bill(status, tool=__version__), output)
    return Exit.DONE
