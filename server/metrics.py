"""The Prometheus metrics of this process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_METHODS = frozenset({"GET", "HEAD", "POST"})


class Metrics:
    """One set of counters. Others may register theirs in the same `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "hub_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "hub_http_request_seconds",
            "From the request's head to the answer's end.",
            ["route"],
            registry=self.registry,
        )
        self._operations = Counter(
            "hub_graphql_operations",
            "GraphQL operations over HTTP: answered by one compiled statement or by an answer that was kept, "
            "or executed field by field and why.",
            ["executor", "reason"],
            registry=self.registry,
        )
        self._documents = Counter(
            "hub_graphql_documents",
            "How the texts of operations came: as text, by a hash, or as text to be known by its hash from then on; "
            "or that a hash was unknown or refused.",
            ["over", "how"],
            registry=self.registry,
        )
        self._selections = Counter(
            "hub_graphql_row_selections",
            "Selections of rows in answers that are executed: read as finished JSON, or executed too, and why.",
            ["executor", "reason"],
            registry=self.registry,
        )
        self.open_sockets = Gauge("hub_open_sockets", "WebSockets open now.", registry=self.registry)

    def count_operation(self, executor: str, reason: str) -> None:
        """Count an operation. `reason` is one of few words and says why an operation was not compiled."""
        self._operations.labels(executor, reason).inc()

    def count_document(self, over: str, how: str) -> None:
        """Count how the text of an operation came, over `http` or a `socket`."""
        self._documents.labels(over, how).inc()

    def count_selection(self, executor: str, reason: str) -> None:
        """Count a selection of rows, as `count_operation`."""
        self._selections.labels(executor, reason).inc()

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the pattern, never the path: callers must not be able to create series."""
        self._requests.labels(method if method in _METHODS else "OTHER", route, status).inc()
        self._seconds.labels(route).observe(seconds)
