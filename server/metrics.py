"""The Prometheus metrics of this process."""

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_METHODS = frozenset({"GET", "HEAD", "POST"})


class Metrics:
    """One set of counters. Others may register theirs in the same `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("hub_http_requests", "Requests answered.", "method", "route", "status")
        seconds = Histogram(
            "hub_http_request_seconds",
            "From the request's head to the answer's end.",
            ["route"],
            registry=self.registry,
        )
        self._seconds = cache(seconds.labels)
        self._operations = self._counter(
            "hub_graphql_operations",
            "GraphQL operations over HTTP: answered by one compiled statement or by an answer that was kept, "
            "or executed field by field and why.",
            "executor",
            "reason",
        )
        self._documents = self._counter(
            "hub_graphql_documents",
            "How the texts of operations came: as text, by a hash, or as text to be known by its hash from then on; "
            "or that a hash was unknown or refused.",
            "over",
            "how",
        )
        self._selections = self._counter(
            "hub_graphql_row_selections",
            "Selections of rows in answers that are executed: read as finished JSON, or executed too, and why.",
            "executor",
            "reason",
        )
        self.open_sockets = Gauge("hub_open_sockets", "WebSockets open now.", registry=self.registry)

    def count_operation(self, executor: str, reason: str) -> None:
        """Count an operation. `reason` is one of few words and says why an operation was not compiled."""
        self._operations(executor, reason).inc()

    def count_document(self, over: str, how: str) -> None:
        """Count how the text of an operation came, over `http` or a `socket`."""
        self._documents(over, how).inc()

    def count_selection(self, executor: str, reason: str) -> None:
        """Count a selection of rows, as `count_operation`."""
        self._selections(executor, reason).inc()

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the pattern, never the path: callers must not be able to create series."""
        self._requests(method if method in _METHODS else "OTHER", route, status).inc()
        self._seconds(route).observe(seconds)

    def _counter(self, name: str, about: str, *labels: str) -> Callable[..., Counter]:
        """Return what finds the counter of some labels. To find one anew takes longer than to count."""
        return cache(Counter(name, about, labels, registry=self.registry).labels)
