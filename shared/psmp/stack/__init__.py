"""The embedded development stack: a real nats-server, a real Postgres and the services, with nothing to install."""

from psmp.leash import LeashLost
from psmp.stack.errors import (
    BinaryMissing,
    DirectoryTaken,
    DirectoryUnusable,
    Ended,
    ForeignServer,
    Misread,
    NotReady,
    StackError,
    UnknownPart,
    Unreachable,
)
from psmp.stack.ground import Ground, OnLine, ground
from psmp.stack.interrupts import interruptible
from psmp.stack.nats_server import Login, NatsServer
from psmp.stack.ports import free_port
from psmp.stack.postgres import Postgres
from psmp.stack.services import Service
from psmp.stack.stack import PartStatus, Plan, Stack
from psmp.stack.supervision import Happening, Notice, Report

__all__ = [
    "BinaryMissing",
    "DirectoryTaken",
    "DirectoryUnusable",
    "Ended",
    "ForeignServer",
    "Ground",
    "Happening",
    "LeashLost",
    "Login",
    "Misread",
    "NatsServer",
    "NotReady",
    "Notice",
    "OnLine",
    "PartStatus",
    "Plan",
    "Postgres",
    "Report",
    "Service",
    "Stack",
    "StackError",
    "UnknownPart",
    "Unreachable",
    "free_port",
    "ground",
    "interruptible",
]
