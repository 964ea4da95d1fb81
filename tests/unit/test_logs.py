"""Logs: whatever speaks, it is one JSON object a line, and what happened stands first."""

import json
import subprocess
import sys

SPEAKING = """
import logging
import structlog
from psmp.service import logs

logs.configure("intake", "intake-1", "INFO")
structlog.get_logger().info("refused", correlation="01a2", code="NO_SLOT")
structlog.get_logger().debug("not to be heard")
logging.getLogger("some.library").warning("cannot export %d spans", 7)
try:
    raise ValueError("why")
except ValueError:
    logging.getLogger("some.library").exception("failed")
"""


def test_every_line_is_an_object_with_the_event_first() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAKING], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["refused", "cannot export 7 spans", "failed"]
    assert [line["level"] for line in lines] == ["info", "warning", "error"]
    assert {next(iter(line)) for line in lines} == {"event"}
    assert {(line["service"], line["instance"]) for line in lines} == {("intake", "intake-1")}
    assert lines[0]["correlation"] == "01a2"
    assert lines[1]["logger"] == "some.library"
    assert "ValueError: why" in lines[2]["exception"]
