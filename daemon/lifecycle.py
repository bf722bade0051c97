"""The daemon's life: start in order, reload, stop within its deadline."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import structlog
from watchfiles import watch

from connectors.registry import Registry
from daemon.ahead import read_ahead
from daemon.app import App
from daemon.bootstrap import Surroundings, build_app, open_store
from daemon.clock import StoppableClock
from daemon.config.models import Config, listen_address
from daemon.config.problems import ConfigProblems
from daemon.config.secrets import known_secrets
from daemon.db import schema
from daemon.db.exclusive import exclusive_use
from daemon.db.store import Store
from daemon.errors import StoreUnavailable
from daemon.memory import give_back, limit_arenas
from daemon.scheduler import Scheduler
from daemon.telemetry import Telemetry
from daemon.web.health import Check
from daemon.web.server import HealthServer

log = structlog.get_logger(__name__)
STORE_PAUSE = 2.0
"""Seconds between attempts to reach a database that is away when the daemon starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a daemon takes its configuration, its plugins and its secrets from."""

    load: Callable[[], Config]
    registry: Registry
    env: Mapping[str, str]


@dataclass(slots=True)
class _Running:
    app: App
    scheduler: Scheduler


class Daemon:
    """Runs until it is told to stop. ``run`` gives the exit code."""

    def __init__(self, sources: Sources, telemetry: Telemetry) -> None:
        self._sources = sources
        self._telemetry = telemetry
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._reload = threading.Event()
        self._running: _Running | None = None
        self._refused = ""
        self._clock = StoppableClock(self._stop)

    def stop(self) -> None:
        """Begin no new work and end; before the start, or twice, is fine."""
        self._stop.set()
        self._wake.set()

    def reload(self) -> None:
        """Read the configuration again soon."""
        self._reload.set()
        self._wake.set()

    def run(self, config: Config) -> int:
        """Start, serve, stop. Gives 0 after an orderly stop."""
        limit_arenas()
        around = self._surroundings()
        store = open_store(config, around)
        with self._signals(), exclusive_use(store.engine), self._health(config):
            if not self._prepare(store):
                return 0
            self._begin(config, around, store)
            watcher = self._watch(config)
            log.info("daemon.started", store=store.engine.dialect.name, owner=around.owner)
            while not self._stop.is_set():
                self._wake.wait()
                self._wake.clear()
                if self._reload.is_set() and not self._stop.is_set():
                    self._reload.clear()
                    self._reload_now(around, store)
            self._end(config)
            watcher.join(timeout=1)
        store.close()
        return 0

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            env=self._sources.env,
            clock=self._clock,
            emit=self._telemetry.emit,
            observe=self._telemetry.observe,
            stopping=self._stop.is_set,
            ahead=read_ahead,
        )

    def _prepare(self, store: Store) -> bool:
        """Bring the schema up to date, waiting for a database that is away; false: told to stop."""
        said = False
        while not self._stop.is_set():
            try:
                schema.upgrade(store.engine)
            except StoreUnavailable as error:
                if not said:
                    log.warning("store.unavailable", reason=str(error))
                said = True
                self._stop.wait(STORE_PAUSE)
            else:
                return True
        return False

    def _begin(self, config: Config, around: Surroundings, store: Store) -> None:
        app = build_app(config, self._sources.registry.plugins, around, store=store)
        for closed in app.closed_targets:
            log.error("connector.not_opened", connector=closed.name, reason=closed.reason)
        for broken in self._sources.registry.broken:
            log.error("plugin.broken", plugin=broken.name, reason=broken.reason)
        self._load(app)
        jobs = [*app.jobs, self._telemetry.job(app)]
        scheduler = Scheduler(jobs, self._clock)
        scheduler.start()
        self._running = _Running(app, scheduler)
        give_back()

    def _load(self, app: App) -> None:
        """Bring the searches in, waiting for a database that goes away at this very moment."""
        while not self._stop.is_set():
            try:
                app.load()
            except StoreUnavailable as error:
                log.warning("store.unavailable", reason=str(error))
                self._stop.wait(STORE_PAUSE)
            else:
                return

    def _reload_now(self, around: Surroundings, store: Store) -> None:
        """Take the new configuration, or keep the old one and say what is wrong with the new."""
        try:
            config = self._sources.load()
        except ConfigProblems as problems:
            self._refused = str(problems)
            self._telemetry.count_reload(accepted=False)
            said = [str(one) for one in problems.problems]
            log.error("config.refused", problems=said)  # noqa: TRY400 - a traceback says nothing more
            return
        self._refused = ""
        running = self._running
        if running is not None:
            running.scheduler.stop()
            running.app.close_vendors()
        self._telemetry.renew(
            config, known_secrets(config, around.env, self._sources.registry.plugins)
        )
        self._begin(config, around, store)
        self._telemetry.count_reload(accepted=True)
        log.info("config.reloaded", searches=len(config.searches))

    def _end(self, config: Config) -> None:
        """Let what is in flight finish; past the deadline it is left, and taken up at the start."""
        running = self._running
        if running is None:
            return
        ending = threading.Thread(target=running.scheduler.stop, name="stop", daemon=True)
        ending.start()
        ending.join(config.daemon.shutdown_grace.total_seconds())
        if ending.is_alive():
            log.warning("daemon.left_in_flight", meaning="unfinished work is taken up at the start")
            self._telemetry.close()
            os._exit(0)  # threads of the pool would keep the interpreter waiting
        running.app.close()
        log.info("daemon.stopped")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def on_stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.stop()

        def on_reload(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.reload()

        handlers = {signal.SIGTERM: on_stop, signal.SIGINT: on_stop, signal.SIGHUP: on_reload}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def _health(self, config: Config) -> Iterator[None]:
        address = listen_address(config.http.listen)
        if address is None:
            yield
            return
        server = HealthServer(address, self, self._telemetry.registry)
        server.start()
        try:
            yield
        finally:
            server.stop()

    def live(self) -> Sequence[Check]:
        """Does the loop turn."""
        running = self._running
        # Waiting for a database at the start is life too: killing us would not bring it back.
        turning = running is None or running.scheduler.is_turning()
        return [Check(name="loop", ok=turning, detail="" if turning else "no job has begun lately")]

    def ready(self) -> Sequence[Check]:
        """Is the store there, with the right schema, and the configuration in force the newest."""
        return [
            Check(name="started", ok=self._running is not None),
            self._check("store", self._ping),
            self._check("migrations", self._check_schema),
            Check(name="config", ok=not self._refused, detail=self._refused),
        ]

    def _ping(self) -> None:
        if self._running is not None:
            self._running.app.store.ping()

    def _check_schema(self) -> None:
        if self._running is not None:
            current = schema.current_revision(self._running.app.store.engine)
            if current != schema.newest_revision():
                raise StoreUnavailable(f"The store has schema {current}.")

    def _check(self, name: str, check: Callable[[], None]) -> Check:
        try:
            check()
        except StoreUnavailable as error:
            return Check(name=name, ok=False, detail=str(error))
        return Check(name=name, ok=True)

    def _watch(self, config: Config) -> threading.Thread:
        """Reload when a file of the configuration changes."""

        def follow() -> None:
            if not config.daemon.watch:
                return
            changes = watch(
                *config.watched,
                watch_filter=lambda _, path: config.is_changed_by(path),
                stop_event=self._stop,
                recursive=False,
                raise_interrupt=False,
            )
            for _ in changes:
                self.reload()

        thread = threading.Thread(target=follow, name="watch", daemon=True)
        thread.start()
        return thread
