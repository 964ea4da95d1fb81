"""What a hook of an editor costs before every tool: a process, a question and its answer, beside a bare process."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.figures import Figure, percentile

RUNS = 40
ASKS = json.dumps({"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": "x"}}).encode()
HOOK = (str(Path(sys.executable).with_name("psmp")), "hook", "claude-code")


async def hooks(url: str, project: str) -> list[Figure]:
    """The hook in a project in which work may go on, at ``url``."""
    variables = {"PSMP_URL": url, "PSMP_TENANT": "default", "PSMP_AGENT": "bench", "PSMP_PROJECT": project}
    return await asyncio.to_thread(_measured, {**os.environ, **variables})


def _measured(environment: Mapping[str, str]) -> list[Figure]:
    bare = [_took((sys.executable, "-c", "pass"), environment) for _ in range(RUNS)]
    hook = [_took(HOOK, environment) for _ in range(RUNS)]
    return [
        Figure("limit: python -c pass, p95", percentile(bare, 95), "ms"),
        Figure("psmp hook claude-code, free to go on, p50", percentile(hook, 50), "ms"),
        Figure("psmp hook claude-code, free to go on, p95", percentile(hook, 95), "ms", 150),
    ]


def _took(words: tuple[str, ...], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, input=ASKS, env=environment, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1000
