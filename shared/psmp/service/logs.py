"""Logs: one JSON object a line on stderr, ``event`` first, with the id of the command at the root as correlation."""

import logging
import sys
from typing import Final

import structlog
from structlog.typing import EventDict, Processor

LAST: Final[tuple[Processor, ...]] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def event_first(_logger: object, _method: str, line: EventDict) -> EventDict:
    """What happened stands before who it happened to."""
    return {"event": line.pop("event"), **line}


def configure(service: str, instance: str, level: str) -> None:
    """Set up logging for this process; every line names the service and its instance.

    What libraries tell ``logging`` comes in the same form, from warnings up.
    """
    told = {"service": service, "instance": instance}

    def ours(_logger: object, _method: str, line: EventDict) -> EventDict:
        return {**line, **told}

    structlog.configure(
        processors=[ours, *LAST, event_first, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    foreign = logging.StreamHandler(sys.stderr)
    foreign.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, ours, *LAST],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                event_first,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[foreign], level=logging.WARNING, force=True)
