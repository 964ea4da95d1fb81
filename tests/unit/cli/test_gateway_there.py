"""Whether a gateway, and a dashboard, are there to be started."""

import socket
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

from psmp.stack.api import lacks_dashboard, lacks_gateway
from psmp.stack.ports import free_port, port_if_free


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


def test_a_port_that_is_taken_is_left_to_whoever_has_it() -> None:

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port_if_free(port) != port


def test_of_two_that_begin_at_once_one_gets_the_usual_port() -> None:
    port = free_port()
    assert port_if_free(port) == port
    assert port_if_free(port) == port, "it is this process's own"
    asked = "import sys; from psmp.stack.ports import free_port, port_if_free; print(port_if_free(int(sys.argv[1])))"
    other = subprocess.run([sys.executable, "-c", asked, str(port)], capture_output=True, text=True, check=True)
    assert int(other.stdout) != port, "nobody listens there yet, and it is taken all the same"
