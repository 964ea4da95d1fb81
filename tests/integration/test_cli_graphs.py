"""``psmp maeg`` on a running stack: a graph from a file of YAML, seen as it runs, settled, and proved offline."""

import asyncio
import json
import zipfile
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from psmp import connect
from psmp.story.graph import PARTS
from psmp.words.orchestration.dispatch import Dispatch
from tests.integration.cli import WITHIN, Ended, Shell

pytestmark = pytest.mark.integration

PLAN = Path(__file__).parents[2] / "shared" / "psmp" / "story" / "three-agents.yaml"
MAEG = "MAEG-LOGIN"


async def dispatched(url: str, *nodes: str) -> None:
    """The agents of these nodes do what they are sent."""
    async with connect(url, agent="Lead", timeout=WITHIN) as lead:

        async def one(node: str) -> None:
            client = lead.as_agent(f"{node.title()}Agent")
            async with asyncio.timeout(WITHIN), aclosing(client.dispatches(project="site")) as dispatches:
                each: Dispatch = await anext(dispatches)
                part = PARTS[each.node]
                async with client.run("site", token=each.token, wait=WITHIN) as run:
                    await run.declare(part.artifact, type=part.type, paths=[part.path])
                    await run.report(part.outputs, tests={"passed": 3, "failed": 0}, cost_micros=part.cost_micros)

        await asyncio.gather(*map(one, nodes))


def tampered(bundle: Path, made: Path) -> Path:
    """The same bundle with one digit of a result changed."""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            new.writestr(name, raw.replace(b'"words":180', b'"words":181') if name.startswith("logs/") else raw)
    return made


def states(ended: Ended) -> dict[str, Any]:
    return {each["id"]: each["state"] for each in ended.json["nodes"]}


def test_a_graph_is_submitted_from_yaml_seen_and_proved_offline(tmp_path: Path) -> None:
    shell = Shell.at(tmp_path, PSMP_AGENT="Lead")
    with shell.dev() as said:
        assert shell.run("create", "site").code == 0
        assert shell.run("transition", "site", "--to", "planning", "--reason", "go").code == 0
        assert shell.run("maeg", "show", MAEG, "site").code == 4

        wrong = tmp_path / "wrong.yaml"
        wrong.write_text(PLAN.read_text().replace("lane: backend\n", "lane: back\n"))
        refused = shell.run("maeg", "submit", str(wrong), "site")
        assert (refused.code, "UNKNOWN_LANE" in refused.out) == (2, True)
        submitted = shell.run("maeg", "submit", str(PLAN), "site")
        assert submitted.code == 0, submitted.err
        assert "psmp maeg watch MAEG-LOGIN site" in submitted.err
        again = shell.run("maeg", "submit", str(PLAN), "site")
        assert again.code != 0

        with shell.running("maeg", "watch", MAEG, "site") as watching:
            assert watching.stdout is not None
            first = json.loads(watching.stdout.readline())
            assert first["state"] == "OPEN"
            asyncio.run(dispatched(said["url"], "api", "page"))
            seen = shell.run("maeg", "show", MAEG, "site", "-o", "json")
            assert (states(seen)["all"], seen.json["state"]) == ("WAITING", "OPEN")
            tree = shell.run("maeg", "show", MAEG, "site").out
            assert "└─ ▷ text" in tree
            assert " until " in tree
            asyncio.run(dispatched(said["url"], "text"))
            rest, _ = watching.communicate(timeout=WITHIN)
            assert watching.returncode == 0
            assert json.loads(rest.splitlines()[-1])["state"] == "SETTLED"
        settled = shell.run("maeg", "show", "-o", "json", "--", MAEG, "site")
        assert set(states(settled).values()) == {"PASSED", "COMPLETE"}
        assert settled.json["cost_micros"] == sum(part.cost_micros for part in PARTS.values())
        assert shell.run("maeg", "show", MAEG, "site", "--mermaid").out.startswith("flowchart TD\n")

        bundle, keys = tmp_path / "site.zip", tmp_path / "keys"
        keys.write_bytes(Path(said["keys"]).read_bytes())
        assert shell.run("export", str(bundle), "--project", "site").code == 0
        trusting = ("--keys", str(keys))
        made = shell.run(*f"maeg attest {bundle} {MAEG} --output svr.json --wrap wrap.json".split(), *trusting)
        assert made.code == 0, made.err
        assert shell.run("maeg", "attest", str(bundle), "MAEG-NONE", *trusting).code == 4
    checked = shell.run("attest", "--check", "svr.json", "--sbom", "wrap.json", *trusting)
    assert checked.code == 0, checked.err
    assert "PSMP_MAEG_SETTLED_ONCE" in checked.json["predicate"]["properties"]
    proved = shell.run("maeg", "verify", str(bundle), "--keys", str(keys), "--maeg", MAEG, "-o", "json")
    assert proved.code == 0, proved.out
    assert (proved.json["graphs"][0]["root"], proved.json["graphs"][0]["outcomes"]) == (settled.json["root"], 3)
    forged = tampered(bundle, tmp_path / "forged.zip")
    assert shell.run("maeg", "verify", str(forged), "--keys", str(keys)).code == 7
