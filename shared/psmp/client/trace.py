"""The W3C trace context of the caller's active span, if it traces with OpenTelemetry at all."""

import sys
from typing import Final

_TRACE: Final = "opentelemetry.trace"


def traceparent() -> str | None:
    """The ``traceparent`` to send along; None when no span is active.

    A span can only be active when the caller has imported OpenTelemetry, so it is looked up and never imported.
    """
    trace = sys.modules.get(_TRACE)
    if trace is None:
        return None
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 0xFF:02x}"
