"""``psmp webhook``: who is told what happens in the tenant's projects, and how that goes."""

from typing import Annotated, Any, Final

from cyclopts import Parameter, validators

from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, SPEAKING, Common, Speaking
from psmp.cli.opened import asking, speaking
from psmp.cli.output import Output, stored
from psmp.cli.pages import webhooks as pages
from psmp.cli.pages.settled import told
from psmp.client.receiving import Made, Posting

LONGEST_OVERLAP: Final = 720
_HOUR: Final = 3600

Name = Annotated[str, Parameter(help="Its name, as psmp webhook list shows it.")]
Kinds = Annotated[
    tuple[str, ...],
    Parameter(
        name="--kind", help="What it is told: alert.*, conflict.*, project.*, task.* or one kind; may be repeated."
    ),
]


async def add(
    name: Annotated[str, Parameter(help="What to call it.")],
    to: Annotated[str, Parameter(help="Where to post: https://host/path. Everybody in the tenant can read it.")],
    *,
    kind: Kinds = (),
    common: Speaking = SPEAKING,
) -> Exit:
    """Have events posted to a receiver from now on, alerts unless told otherwise. The secret goes to stdout, once."""
    async with speaking(common) as client:
        made = await client.add_webhook(name, to, kinds=kind or None, command_id=common.command_id)
    return _shown(common.out, made, f"{name} is signed with it; it is not shown again. Next: psmp webhook test {name}")


async def listing(*, common: Common = COMMON) -> Exit:
    """The webhooks of the tenant by name, and how posting goes since the sender began."""
    async with asking(common) as client:
        found = await client.webhooks()
    if not found:
        common.out.say("there are no webhooks; psmp webhook add makes one", "dim")
    common.out.many(map(_said, found), lambda: pages.listing(found))
    return Exit.DONE


async def change(
    name: Name,
    *,
    to: Annotated[str | None, Parameter(help="Where to post from now on.")] = None,
    kind: Kinds = (),
    common: Speaking = SPEAKING,
) -> Exit:
    """Change where a webhook goes, or what it is told; without either, one that has ended begins anew."""
    async with speaking(common) as client:
        settled = await client.change_webhook(name, url=to, kinds=kind or None, command_id=common.command_id)
    return told(common.out, settled)


async def rotate(
    name: Name,
    *,
    overlap: Annotated[
        int,
        Parameter(validator=validators.Number(gte=0, lte=LONGEST_OVERLAP), help="Hours that the old one goes on."),
    ] = 24,
    common: Speaking = SPEAKING,
) -> Exit:
    """Give a webhook a new secret, which goes to stdout, once; for a while everything is signed with both."""
    async with speaking(common) as client:
        made = await client.rotate_webhook(name, overlap_seconds=overlap * _HOUR, command_id=common.command_id)
    return _shown(common.out, made, f"the old secret of {name} ends in {overlap} h")


async def try_out(name: Name, *, common: Speaking = SPEAKING) -> Exit:
    """Have an event posted by one webhook, signed as every other, to see whether it arrives."""
    async with speaking(common) as client:
        settled = await client.try_webhook(name, command_id=common.command_id)
    return told(common.out, settled, "psmp webhook list shows whether it was taken")


async def remove(name: Name, *, common: Speaking = SPEAKING) -> Exit:
    """Have nothing more posted by a webhook; what waits to be tried again is dropped."""
    async with speaking(common) as client:
        settled = await client.remove_webhook(name, command_id=common.command_id)
    return told(common.out, settled)


def _shown(out: Output, made: Made, hint: str) -> Exit:
    out.one({"secret": made.secret, **stored(made.settled)}, lambda: made.secret)
    out.say(hint, "dim")
    return Exit.DONE


def _said(posting: Posting) -> dict[str, Any]:
    health = posting.health.model_dump(mode="json", exclude={"webhook"}) if posting.health else None
    return {**posting.webhook.model_dump(mode="json"), "health": health}
