"""A program for tests that owns a stack: says who runs, as one line of JSON, and waits to be interrupted or killed.

Arguments: the data directory, or ``-``; then the arguments of each service, one string for each.
"""

import asyncio
import json
import sys
from pathlib import Path

from psmp.stack import Plan, Service, Stack, interruptible

SERVICE = Path(__file__).with_name("dummy_service.py")


async def main() -> None:
    data, *arguments = sys.argv[1:]
    services = tuple(
        Service(name=f"dummy-{number}", argv=(sys.executable, str(SERVICE), *words.split()), stop_within=60)
        for number, words in enumerate(arguments)
    )
    plan = Plan(services=services, data=None if data == "-" else Path(data), durable=False)
    stack = Stack(plan)
    async with interruptible(stack.abort), stack:
        sys.stdout.write(json.dumps(describe(stack)) + "\n")
        sys.stdout.flush()
        await stack.serve()


def describe(stack: Stack) -> dict[str, object]:
    place = stack._ground
    assert place is not None
    pids = {part.name: part.pid for part in stack.status()}
    return {"pids": {**pids, "leash": place.leash.pid}, "path": str(place.path), "dsn": stack.postgres_dsn}


if __name__ == "__main__":
    asyncio.run(main())
