"""The official schema of a CycloneDX bill, to hold one against."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema

SCHEMA = Path(__file__).parent / "unit" / "deep" / "schema" / "bom-1.6.schema.json"


def validator() -> Callable[[Any], Any]:
    """Checks against the schema; the lists and signatures that it refers to are not used by us."""
    schema = json.loads(SCHEMA.read_text().replace(".SNAPSHOT.schema.json", "").replace('"spdx"', '"none://spdx"'))
    text = json.dumps(schema).replace("jsf-0.82#/definitions/signature", "none://jsf")
    made: Callable[[Any], Any] = fastjsonschema.compile(json.loads(text), handlers={"none": lambda _: {}})
    return made
