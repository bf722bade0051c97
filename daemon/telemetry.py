"""What the daemon tells the outside: log lines and metrics, out of what the store has committed."""

from collections.abc import Iterable
from datetime import timedelta
from importlib.metadata import version
from typing import TextIO

import structlog
from prometheus_client import CollectorRegistry

from connectors.sdk.clock import Clock
from connectors.sdk.protocol import Exchange
from daemon.app import App, Job
from daemon.config.models import Config
from daemon.db.audit import AuditEvent
from daemon.logs import AuditLog, Redactor, catch_uncaught, set_up_logging
from daemon.web.metrics import Metrics

log = structlog.get_logger("prospectd.requests")
GAUGES_EVERY = timedelta(seconds=15)


class Telemetry:
    """Logging, the audit file and the metrics of one process."""

    def __init__(
        self,
        config: Config,
        secrets: Iterable[str],
        clock: Clock,
        *,
        stream: TextIO | None = None,
    ) -> None:
        self._redactor = Redactor(secrets)
        set_up_logging(config.log, self._redactor, stream=stream)
        catch_uncaught()
        self._audit = AuditLog(config.audit.file, self._redactor)
        self._metrics = Metrics(clock, version=version("prospectd"))
        self._connectors: frozenset[str] = frozenset()

    @property
    def registry(self) -> CollectorRegistry:
        """What ``/metrics`` shows."""
        return self._metrics.registry

    def emit(self, event: AuditEvent) -> None:
        """Print what the store has just committed, and count it."""
        flat = event.as_dict()
        self._audit.emit(flat)
        self._metrics.count_event(event.event)
        noun, _, verb = event.event.partition(".")
        if noun == "task":
            self._metrics.count_task(event.subject, verb)
        elif noun == "push":
            self._metrics.count_push(str(flat.get("connector", "")), verb)
        elif event.event == "company.matched":
            self._metrics.count_results(str(flat["search"]), str(flat["decision"]))

    def observe(self, exchange: Exchange) -> None:
        """Log and count one request to a vendor."""
        self._metrics.observe(exchange)
        log.debug(
            "request.sent",
            vendor=exchange.vendor,
            method=exchange.method,
            path=exchange.path,
            status=exchange.status,
            ms=exchange.milliseconds,
            error=exchange.error or None,
        )

    def count_reload(self, *, accepted: bool) -> None:
        """Count a configuration that was taken or refused."""
        self._metrics.count_reload(accepted=accepted)

    def job(self, app: App) -> Job:
        """What keeps the gauges true."""
        return Job(name="gauges", every=GAUGES_EVERY, run=lambda: self._show(app))

    def renew(self, config: Config, secrets: Iterable[str]) -> None:
        """Take a new configuration: its secrets, its audit file (rotated away, perhaps)."""
        self._redactor.learn(secrets)
        self._audit.close()
        self._audit = AuditLog(config.audit.file, self._redactor)

    def close(self) -> None:
        """Give the audit file back."""
        self._audit.close()

    def _show(self, app: App) -> None:
        now = app.context.now()
        for gone in self._connectors - set(app.targets):
            self._metrics.forget_connector(gone)
        self._connectors = frozenset(app.targets)
        with app.store.reading(now=now) as unit:
            for mirror in unit.mirror.all():
                if mirror.refreshed_at is not None:
                    self._metrics.show_mirror(
                        mirror.connector,
                        refreshed_at=mirror.refreshed_at,
                        records=mirror.records,
                    )
            credits_left = unit.spending.credits_left()
            if credits_left is not None:
                self._metrics.show_credits(credits_left)
            left = unit.overview.work_left(now=now)
            self._metrics.show_running_tasks(left.tasks)
            self._metrics.show_held(unit.pushes.held_by_reason())
            for name in app.targets:
                self._metrics.show_pending(name, unit.pushes.pending(name))
            for vendor in unit.vendors.all():
                self._metrics.show_paused(
                    vendor.name,
                    paused=vendor.paused_until is not None and vendor.paused_until > now,
                )
