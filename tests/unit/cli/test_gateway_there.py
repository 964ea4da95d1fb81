"""Whether a gateway, and a dashboard, are there to be started."""

from importlib.machinery import ModuleSpec
from pathlib import Path

from psmp.stack.api import lacks_dashboard, lacks_gateway


def test_without_the_extra_there_is_no_gateway_and_no_dashboard() -> None:
    assert lacks_gateway(lambda _: None) == "pip install 'psmp[gateway]'"
    assert lacks_dashboard(lambda _: None) == "pip install 'psmp[gateway]'"


def test_in_a_checkout_the_dashboard_has_to_be_built(tmp_path: Path) -> None:
    def find(name: str) -> ModuleSpec:
        return ModuleSpec(name, None, origin=str(tmp_path / "__init__.py"))

    assert (lacks_gateway(find), lacks_dashboard(find)) == ("", "make dashboard")
    (tmp_path / "built").mkdir()
    (tmp_path / "built/index.html").touch()
    assert lacks_dashboard(find) == ""
