"""``make adapters``: one real stack, and against it the tests of every adapter in the environment of its framework."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.integration.cli import Shell

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SILENT = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "LANGSMITH_TRACING": "false",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "OTEL_SDK_DISABLED": "true",
}
"""What keeps the frameworks from telling others what they do."""


def main(names: list[str]) -> int:
    """How many of them fail."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="psmp-adapters-") as folder:
        # Four suites ask for the same few agents, one after the other.
        shell = Shell.at(Path(folder), PSMP_AGENT_REQUESTS_PER_MINUTE="0")
        with shell.dev() as said:
            for name in names:
                began = time.monotonic()
                print(f"== {name}", flush=True)
                if _tests(name, {**shell.environment, **SILENT, "PSMP_URL": said["url"], "HOME": folder}):
                    failed.append(name)
                print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def _tests(name: str, environment: dict[str, str]) -> int:
    python = ROOT / ".venv" / "adapters" / name / "bin" / "python"
    where = ("-c", str(HERE / "pytest.ini"), f"--rootdir={ROOT}", f"--confcutdir={HERE}")
    test = HERE / f"test_{name}.py"
    return subprocess.run(
        [str(python), "-m", "pytest", "-q", *where, str(test)], cwd=ROOT, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
