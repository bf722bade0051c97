"""One run of the program, which may die at any named point, and the file that outlives it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from sqlalchemy import Engine, text

from connectors.hostile import connector as hostile
from connectors.hubspot import connector as hubspot
from connectors.memory import connector as memory
from connectors.sdk.clock import Clock
from connectors.sdk.protocol import ConnectorPlugin
from daemon.app import App
from daemon.bootstrap import Surroundings, build_app
from daemon.config.models import Config
from daemon.db import schema
from daemon.db.audit import AuditEvent
from daemon.db.engine import open_engine
from daemon.db.store import Store, Transaction
from daemon.domain.redirects import Landing, Outcome
from tests.simulation.scenario import ENV
from tests.simulation.vendors import Vendors

PLUGINS: dict[str, ConnectorPlugin[Any]] = {
    "hubspot": hubspot,
    "memory": memory,
    "hostile": hostile,
}


class ProcessKilled(BaseException):
    """The process is no more. No ``except Exception`` of the program may hear of it."""


class StoreFile:
    """A SQLite file with the newest schema, and an engine that all seeds of this process share.

    The engine keeps its compiled statements, which are most of the time that a new one takes.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "simulation.db"
        self.engine: Engine = open_engine(f"sqlite:///{self.path}", durable=False)
        schema.upgrade(self.engine)
        self.keep()

    def keep(self) -> None:
        """Let what is in the file now be what every seed begins with."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            connection.rollback()
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            cursor = plain.connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.engine.dispose()
        self._template = self.path.read_bytes()

    def begin_anew(self) -> None:
        """Empty the store."""
        self.engine.dispose()
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        self.path.write_bytes(self._template)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()


class InterleavedStore(Store):
    """A store in which another replica may get ahead between a look and what follows from it."""

    race: Callable[[], None]

    @contextmanager
    def reading(self, *, now: datetime) -> Iterator[Transaction]:
        """A look, and then a moment for the others."""
        with super().reading(now=now) as unit:
            yield unit
        self.race()


@dataclass(slots=True)
class Process:
    """One run of the program on the shared store. ``kills`` says whether it dies at a point."""

    owner: str
    vendors: Vendors
    file: StoreFile
    clock: Clock
    kills: Callable[[str], bool]
    meanwhile: Callable[[], None]
    race: Callable[[], None]
    heard: Callable[[AuditEvent], None]
    committed: Callable[[str], None]
    trace: Callable[[str], None]
    dead: bool = False
    config: Config | None = None
    _app: App | None = field(default=None)

    def start(self, config: Config, *, random: Random) -> None:
        """Wire the program, as a new process would, and load its configuration."""
        store = InterleavedStore(self.file.engine, emit=self.heard, point=self.point)
        store.race = self._race
        around = Surroundings(
            env=ENV,
            clock=self.clock,
            random=random,
            owner=self.owner,
            transport=self.vendors.network.transport(self.point, self.meanwhile),
            visit=_visit,
        )
        self.config = config
        self._app = build_app(config, PLUGINS, around, store=store)
        self.app.load()

    @property
    def app(self) -> App:
        """The wired program."""
        if self._app is None:
            raise ProcessKilled("not started")
        return self._app

    def run(self, job: str) -> None:
        """Run one job; raises :class:`ProcessKilled` where it dies."""
        memory_crm = self.vendors.memory
        line = None if memory_crm is None else memory_crm.line
        if memory_crm is not None:
            memory_crm.line = self.vendors.line(self.point, self.meanwhile)
        try:
            next(each for each in self.app.jobs if each.name == job).run()
        finally:
            if memory_crm is not None and line is not None:
                memory_crm.line = line

    def point(self, name: str) -> None:
        """A named point is passed: the process may die here, and then does nothing any more."""
        if self.dead:
            raise ProcessKilled(name)
        self.trace(f"{self.owner} {name}")
        if self.kills(name):
            self.dead = True
            self.trace(f"{self.owner} killed")
            raise ProcessKilled(name)
        if name.startswith("commit.after"):
            self.committed(name.removeprefix("commit.after "))

    def _race(self) -> None:
        if not self.dead:
            self.race()


def _visit(domain: str) -> Landing:
    """Most websites stay where they are; some lead to one that nobody else has, or tell nothing."""
    match crc32(domain.encode()) % 8:
        case 0:
            return Landing(outcome=Outcome.LEADS_ELSEWHERE, leads_to=f"new-{domain}")
        case 1:
            return Landing(outcome=Outcome.UNREACHABLE)
        case _:
            return Landing(outcome=Outcome.STAYS, page=f"https://{domain}/")
