"""Which projects the log has; for whoever checks all of them."""

import json

from nats.aio.client import Client

from psmp.log.jetstream import STREAM
from psmp.words import subjects
from psmp.words.ids import ProjectKey


async def projects(nats: Client) -> list[ProjectKey]:
    """Every project in the log, sorted; raises nats errors and ``TimeoutError``. Needs the right to see the stream."""
    found: set[ProjectKey] = set()
    seen, total = 0, 1
    while seen < total:
        request = json.dumps({"subjects_filter": f"{subjects.LOG}.>", "offset": seen}).encode()
        answer = json.loads((await nats.request(f"$JS.API.STREAM.INFO.{STREAM}", request, timeout=30)).data)
        page = answer["state"].get("subjects") or {}
        found.update(subjects.read_log(subject)[0] for subject in page)
        seen += len(page)
        total = answer.get("total", 0) if page else 0
    return sorted(found)
