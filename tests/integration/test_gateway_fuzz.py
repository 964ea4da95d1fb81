"""What a machine thinks of that reads the description of the API: every answer is one that is described."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.gateway import Gateway, gateway

__all__ = ["gateway"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"),
    *("response_headers_conformance", "negative_data_rejection", "unsupported_method", "ignored_auth"),
)
ENDLESS = "/api/v1/events/stream"
WITHIN = 240
# What is too long may be told by its bytes (413) before it is told by its items.
CONFIG = """\
[checks]
negative_data_rejection.expected-statuses = [401, 403, 404, 405, 409, 412, 413, 415, 422, 429]

# A graph has so many parts, and a policy, that each of them by itself would take longer than all the rest.
[[operations]]
include-name = [
  "POST /api/v1/orchestrations/check", "POST /api/v1/projects/{project}/orchestrations",
  "PATCH /api/v1/projects/{project}",
]
phases.coverage.enabled = false
"""


async def test_no_request_brings_about_what_is_not_described(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    program = Path(sys.executable).with_name("schemathesis")
    process = await asyncio.create_subprocess_exec(
        *(program, "run", f"{gateway.admin.url}/openapi.json", "-H", f"Authorization: Bearer {gateway.admin.token}"),
        *("--exclude-path", ENDLESS, "--phases", "coverage,fuzzing", "--max-examples", "3", "--no-color"),
        *("--generation-deterministic", "--request-timeout", "20", "--checks", ",".join(CHECKS)),
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WITHIN):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[:20000]
    assert (await gateway.admin.get("/health")).json["well"]
