"""Traces (OpenTelemetry), off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set; off, they cost a dictionary look-up."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

from pydantic_core import from_json

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_SYSTEM: Final = {"messaging.system": "nats"}


class Telemetry:
    """Spans of one service. W3C trace context goes from the command through every event that follows from it."""

    def __init__(self, service: str, instance: str) -> None:
        self._provider = _provider(service, instance) if os.environ.get(ENDPOINT) else None

    @contextmanager
    def batch(self, name: str, bodies: Iterable[bytes]) -> Iterator[None]:
        """One consumer span for many events, linked to the trace of each (OpenTelemetry messaging conventions)."""
        if self._provider is None:
            yield
            return
        from opentelemetry.trace import Link, SpanKind  # noqa: PLC0415
        from opentelemetry.trace.propagation import get_current_span  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        propagator = TraceContextTextMapPropagator()
        parents = {parent for body in bodies if (parent := from_json(body).get("traceparent"))}
        contexts = [get_current_span(propagator.extract({"traceparent": each})) for each in sorted(parents)]
        links = [Link(span.get_span_context()) for span in contexts]
        tracer = self._provider.get_tracer("psmp")
        with tracer.start_as_current_span(name, kind=SpanKind.CONSUMER, links=links, attributes=_SYSTEM):
            yield

    def span(self, name: str, parent: str | None, **attributes: str | int) -> AbstractContextManager[str | None]:
        """A consumer span under the ``traceparent`` of ``parent``; yields the ``traceparent`` to hand on."""
        if self._provider is None:
            return nullcontext(parent)
        return _spanned(self._provider, name, parent, attributes)

    def stop(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()


def _provider(service: str, instance: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": f"psmp-{service}", "service.instance.id": instance})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


@contextmanager
def _spanned(
    provider: "TracerProvider", name: str, parent: str | None, attributes: Mapping[str, str | int]
) -> Iterator[str | None]:
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - only where traces are on
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    propagator = TraceContextTextMapPropagator()
    context = propagator.extract({"traceparent": parent} if parent else {})
    named = {**_SYSTEM, **attributes}
    with provider.get_tracer("psmp").start_as_current_span(name, context, kind=SpanKind.CONSUMER, attributes=named):
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        yield carrier.get("traceparent", parent)
