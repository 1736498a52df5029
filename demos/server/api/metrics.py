"""What `GET /metrics` tells Prometheus: counts and times, never words.

Each app has a registry of its own, so that two apps in one process do not count together.
"""

from collections.abc import Iterator, Sequence

import psutil
from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from demos.server.api.schemas.base import errors
from demos.server.engine import Done, Engine
from demos.server.gemini.budget import Budget
from demos.server.gemini.engine import GeminiEngine

FIRST_TOKEN_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
TOKEN_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


class Generated(Collector):
    """Tokens as the engines count them, which includes answers that nobody waited for."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        """Count for these engines."""
        self._engines = engines

    def collect(self) -> Iterator[Metric]:
        """The counts of now."""
        tokens = CounterMetricFamily("two_bowls_generated_tokens", "Tokens decoded.", labels=["model"])
        for engine in self._engines:
            tokens.add_metric([engine.card.id], engine.tokens_generated)
        yield tokens


class Purse(Collector):
    """The money of the restaurant: spent, held for what is under way, and how much there may be in all."""

    def __init__(self, budget: Budget) -> None:
        """Tell of this budget."""
        self._budget = budget

    def collect(self) -> Iterator[Metric]:
        """The sums of now."""
        money = GaugeMetricFamily("two_bowls_budget_usd", "What the Gemini API costs.", labels=["state"])
        for state in ("spent", "unreported", "held", "limit"):
            money.add_metric([state], getattr(self._budget, f"{state}_usd"))
        yield money


class Metrics:
    """One app's counters."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        """Begin to count."""
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "two_bowls_requests",
            "HTTP requests.",
            ["route", "method", "status"],
            registry=registry,
        )
        self.orders = Gauge(
            "two_bowls_orders",
            "Orders in the house: waiting for their first token, or running.",
            ["model", "state"],
            registry=registry,
        )
        self.answers = Counter(
            "two_bowls_answers",
            "Orders that ended, by how: stop, length, content_filter, failed, or left by the client.",
            ["model", "outcome"],
            registry=registry,
        )
        self.prompt_tokens = Counter(
            "two_bowls_prompt_tokens", "Tokens of answered prompts.", ["model"], registry=registry
        )
        self.cached_tokens = Counter(
            "two_bowls_cached_prompt_tokens",
            "Tokens of answered prompts that were not read again.",
            ["model"],
            registry=registry,
        )
        self.first_token = Histogram(
            "two_bowls_first_token_seconds",
            "From an order to its first token, the queue included.",
            ["model"],
            buckets=FIRST_TOKEN_S,
            registry=registry,
        )
        self.token = Histogram(
            "two_bowls_token_seconds",
            "Mean time per token after the first, one value per answer.",
            ["model"],
            buckets=TOKEN_S,
            registry=registry,
        )
        memory = Gauge("two_bowls_memory_bytes", "Resident memory of this process.", registry=registry)
        memory.set_function(lambda: psutil.Process().memory_info().rss)
        registry.register(Generated(engines))
        for budget in {engine.budget for engine in engines if isinstance(engine, GeminiEngine)}:
            registry.register(Purse(budget))

    def done(self, model: str, done: Done) -> None:
        """Count an answer that came to its end."""
        timings = done.timings
        self.prompt_tokens.labels(model).inc(timings.prompt_n)
        self.cached_tokens.labels(model).inc(done.cached_tokens)
        self.first_token.labels(model).observe(timings.ttft_ms / 1000)
        if timings.predicted_per_second:
            self.token.labels(model).observe(1 / timings.predicted_per_second)

    def router(self) -> APIRouter:
        """The route."""
        routes = APIRouter()

        @routes.get(
            "/metrics",
            response_class=Response,
            responses={200: {"content": {"text/plain": {}}}, **errors(401, 403)},
        )
        def metrics() -> Response:
            """Everything that is counted, in Prometheus' text format."""
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return routes
