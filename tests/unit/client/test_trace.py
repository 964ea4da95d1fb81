"""A command carries the caller's trace when there is one, and costs no import when there is none."""

import subprocess
import sys

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from psmp.client.trace import traceparent


def test_without_a_span_there_is_none() -> None:
    assert traceparent() is None


def test_the_active_span_is_the_parent() -> None:
    context = SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    with trace.use_span(NonRecordingSpan(context)):
        assert traceparent() == f"00-{0xABC:032x}-{0xDEF:016x}-01"


def test_tracing_is_not_loaded_for_who_does_not_trace() -> None:
    program = (
        "import sys; from psmp.client.trace import traceparent; print(traceparent(), 'opentelemetry' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "False"]
