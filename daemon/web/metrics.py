"""What the daemon counts, in a Prometheus registry of its own."""

import math
from datetime import datetime
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from connectors.sdk.clock import Clock
from connectors.sdk.protocol import Exchange


class Metrics:
    """The numbers behind ``/metrics``; each method is one thing that happened or was seen.

    Labels are names from ``config.toml`` and words of the program, never domains or ids, so that
    their number stays small. Every method may be called from any thread.
    """

    def __init__(self, clock: Clock, *, version: str = "") -> None:
        self._clock = clock
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._define_counters()
        self._define_gauges()
        self._build.labels(version=version).set(1)

    def _define_counters(self) -> None:
        self._tasks = self._counter(
            "tasks", "Deep Search tasks by what became of them", "search", "event"
        )
        self._results = self._counter(
            "results", "Results by how they were matched", "search", "decision"
        )
        self._pushes = self._counter(
            "pushes", "Pushed companies by outcome", "connector", "outcome"
        )
        self._requests = self._counter(
            "vendor_requests", "Requests to vendors by class of status", "vendor", "status"
        )
        self._events = self._counter("audit_events", "Audit events by name", "event")
        self._reloads = self._counter(
            "config_reloads", "Reloads of the configuration by result", "result"
        )
        self._seconds = Histogram(
            "prospectd_vendor_request_seconds",
            "How long vendors took to answer",
            ["vendor"],
            registry=self.registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
        )

    def _define_gauges(self) -> None:
        self._build = self._gauge("build_info", "The version that runs", "version")
        self._ages = self._gauge(
            "mirror_age_seconds", "Time since a mirror was last refreshed", "connector"
        )
        self._sizes = self._gauge("mirror_records", "Live records in a mirror", "connector")
        self._credits = self._gauge("credits_available", "The vendor's credits that are left")
        self._credits.set(math.nan)  # Unknown until the vendor told; none would be an alarm.
        self._held = self._gauge(
            "held_pushes", "Companies that wait for a person, by reason", "reason"
        )
        self._pending = self._gauge(
            "pending_pushes", "Companies that wait to be pushed", "connector"
        )
        self._running = self._gauge("running_tasks", "Deep Search tasks that are not complete")
        self._paused = self._gauge("vendor_paused", "1 while a vendor waits for a person", "vendor")

    def count_task(self, search: str, event: str) -> None:
        """A task was ``created``, ``adopted``, ``done``, ``failed`` …."""
        self._tasks.labels(search=search, event=event).inc()

    def count_results(self, search: str, decision: str, number: int = 1) -> None:
        """Results were matched: ``new``, ``known``, ``probable``, ``below_threshold`` …."""
        self._results.labels(search=search, decision=decision).inc(number)

    def count_push(self, connector: str, outcome: str) -> None:
        """A push ended as ``created``, ``existed``, ``rejected``, ``unknown`` or ``not_sent``."""
        self._pushes.labels(connector=connector, outcome=outcome).inc()

    def count_event(self, name: str) -> None:
        """An audit event was stored."""
        self._events.labels(event=name).inc()

    def count_reload(self, *, accepted: bool) -> None:
        """The configuration was read again."""
        self._reloads.labels(result="accepted" if accepted else "refused").inc()

    def observe(self, exchange: Exchange) -> None:
        """A request to a vendor ended; fits ``ConnectorContext.observe``."""
        status = "none" if exchange.status is None else f"{exchange.status // 100}xx"
        self._requests.labels(vendor=exchange.vendor, status=status).inc()
        self._seconds.labels(vendor=exchange.vendor).observe(exchange.milliseconds / 1000)

    def show_mirror(self, connector: str, *, refreshed_at: datetime, records: int) -> None:
        """A mirror was refreshed; its age grows by itself from then on."""
        self._sizes.labels(connector=connector).set(records)
        self._ages.labels(connector=connector).set_function(
            partial(self._seconds_since, refreshed_at)
        )

    def forget_connector(self, connector: str) -> None:
        """It is no longer configured: its mirror and queue are shown no more."""
        for gauge in (self._ages, self._sizes, self._pending):
            gauge.remove_by_labels({"connector": connector})

    def show_credits(self, available: float) -> None:
        """How many credits the vendor named last."""
        self._credits.set(available)

    def show_held(self, by_reason: dict[str, int]) -> None:
        """How many companies wait for a person now; reasons that are not named have none."""
        self._held.clear()
        for reason, number in by_reason.items():
            self._held.labels(reason=reason).set(number)

    def show_pending(self, connector: str, number: int) -> None:
        """How many companies wait to be pushed now."""
        self._pending.labels(connector=connector).set(number)

    def show_running_tasks(self, number: int) -> None:
        """How many tasks are not complete now."""
        self._running.set(number)

    def show_paused(self, vendor: str, *, paused: bool) -> None:
        """A vendor was paused until a person acts, or goes on."""
        self._paused.labels(vendor=vendor).set(int(paused))

    def _seconds_since(self, moment: datetime) -> float:
        return (self._clock.now() - moment).total_seconds()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"prospectd_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"prospectd_{name}", text, labels, registry=self.registry)
