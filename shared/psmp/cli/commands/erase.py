"""``psmp erase``: destroy what a person has said of itself."""

from typing import Annotated

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.flags import ANSWERING, Answering
from psmp.cli.opened import operating
from psmp.cli.output import stored
from psmp.cli.pages.wording import counted, sentence
from psmp.client.place import DEFAULT_TENANT
from psmp.words.events import SubjectErased


async def erase(
    subject: Annotated[str, Parameter(help="The agent as which the person spoke.")],
    *,
    reason: Annotated[str, Parameter(help="Why; it stays in the log for ever: nothing personal belongs here.")],
    approver: Annotated[str, Parameter(help="Who decided it; it stays as well: a role or a number, no person's name.")],
    tenant: Annotated[str | None, Parameter(env_var="PSMP_TENANT", help="The tenant; default: default.")] = None,
    timeout: Annotated[float, Parameter(help="Seconds to wait until it is done.")] = 60.0,
    answering: Answering = ANSWERING,
) -> Exit:
    """Destroy the keys by which a person's name, contact and reasons can be read, and what of them is not sealed.

    For the operator. No hash changes; what was sealed is shown as [erased] for ever.
    """
    of_tenant = tenant or settings.defaults().tenant or DEFAULT_TENANT
    async with operating(timeout) as client:
        settled = await client.erase(subject, of_tenant=of_tenant, reason=reason, approver=approver)
    out, event = answering.out, settled.event
    out.one(stored(settled), lambda: f"✓ {sentence(event)}  event {settled.sequence} of {settled.envelope.key}")
    if isinstance(event, SubjectErased):
        out.say(_what(event), "dim")
    return Exit.DONE


def _what(event: SubjectErased) -> str:
    if not event.keys:
        return "there was no key to destroy; its messages that were kept are deleted"
    return f"{counted(len(event.keys), 'key')} destroyed, in {', '.join(event.projects)}"
