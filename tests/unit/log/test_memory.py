"""The log in memory keeps the contract of the log."""

import pytest

from psmp.log.memory import MemoryEventLog
from tests.unit.log.contract import EventLogContract


class TestMemoryEventLog(EventLogContract):
    @pytest.fixture
    def log(self) -> MemoryEventLog:
        return MemoryEventLog()
