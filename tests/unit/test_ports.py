"""Ports of servers that are about to start."""

import socket
import subprocess
import sys

import pytest

from psmp.stack.ports import free_port, port_if_free


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


def test_no_port_is_given_twice_while_servers_start_in_this_process_or_another() -> None:
    asked = "from psmp.stack.ports import free_port; print(*(free_port() for _ in range(40))); input()"
    with subprocess.Popen(
        [sys.executable, "-c", asked], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        theirs = {int(each) for each in other.stdout.readline().split()}
        ours = [free_port() for _ in range(100)]
        for port in theirs:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(OSError, match="in use"):
                probe.bind(("127.0.0.1", port))
        other.stdin.close()
    assert len(set(ours)) == len(ours)
    assert theirs.isdisjoint(ours)


def test_claims_are_let_go_once_their_servers_must_be_listening() -> None:
    first = free_port()
    for _ in range(128):
        free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", first))
