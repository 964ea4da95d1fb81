"""Traces go from the client's publish through every service that has a part in it."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

import psmp
from psmp.stack import Stack
from psmp.stack.whole import whole
from psmp.words.values import Phase
from tests.servers import UNLIMITED

pytestmark = [pytest.mark.system]

Spans = set[tuple[str, str, bytes]]


class Collector(BaseHTTPRequestHandler):
    """Takes spans as an OTLP collector does: service, name, and every trace that a span is part of or linked to."""

    spans: Spans

    def do_POST(self) -> None:
        request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in request.resource_spans:
            attributes = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    for trace in (span.trace_id, *(link.trace_id for link in span.links)):
                        self.spans.add((attributes["service.name"], span.name, trace))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, Spans]]:
    spans: Spans = set()
    handler = type("Handler", (Collector,), {"spans": spans})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_trace_goes_from_the_declaration_through_every_service(collector: tuple[str, Spans]) -> None:
    endpoint, spans = collector
    everything = whole(env={**UNLIMITED, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"})
    tracer = TracerProvider().get_tracer("test")
    async with Stack(everything.plan) as stack:
        url = stack.nats.url_for(everything.identities.tenant())
        async with psmp.connect(url, tenant="default", agent="CoderAgent", timeout=30) as client:
            await client.create_project("traced")
            await client.transition("traced", "PLANNING", reason="to be traced")
            await client.declare("traced", "backend", dependencies=["langchain>=0.1.0"])
            with tracer.start_as_current_span("agent at work") as span:
                verdict = await client.declare("traced", "pipeline", dependencies=["langchain==0.0.350"])
                trace = span.get_span_context().trace_id.to_bytes(16, "big")
            assert not verdict.accepted
            await client.wait_for("traced", Phase.BLOCKED, timeout=60)
            expected = {
                ("psmp-intake", "process artifact.declare", trace),
                ("psmp-checker", "process verdict", trace),
                ("psmp-keeper", "process lifecycle", trace),
                ("psmp-keeper", "process projector", trace),
                ("psmp-audit", "process audit", trace),
            }
            async with asyncio.timeout(60):
                while not expected <= spans:
                    await asyncio.sleep(0.05)
