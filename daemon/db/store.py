"""The store: transactions with their audit rows, over SQLite or PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, Engine, text

from daemon.db.audit import AuditEvent, AuditLog
from daemon.db.documents import DocumentRows
from daemon.db.duplicates import DuplicateRows
from daemon.db.engine import translated
from daemon.db.explanations import ExplanationRows
from daemon.db.learning import LearningRows
from daemon.db.listings import ListingRows
from daemon.db.mirror import MirrorRows
from daemon.db.overview import OverviewRows
from daemon.db.planning import PlanningRows
from daemon.db.pruning import PruneRows
from daemon.db.pushes import PushRows
from daemon.db.redirects import RedirectRows
from daemon.db.results import ResultRows
from daemon.db.searches import SearchRows
from daemon.db.slots import SlotRows
from daemon.db.spending import SpendingRows
from daemon.db.summary import SummaryRows
from daemon.db.tasks import TaskRows
from daemon.db.vendors import VendorRows
from daemon.db.verdicts import VerdictRows


def ignore_event(event: AuditEvent) -> None:
    """Print nothing; for stores that nobody listens to."""
    del event


def pass_point(name: str) -> None:
    """A named point of the program was passed; tests put a crash here."""
    del name


class Transaction:
    """One unit of work: every repository, and the audit rows that commit with it."""

    def __init__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.audit = AuditLog(connection, actor=actor, now=now)

    @cached_property
    def searches(self) -> SearchRows:
        """Saved searches and their versions."""
        return SearchRows(self.connection)

    @cached_property
    def slots(self) -> SlotRows:
        """Due times."""
        return SlotRows(self.connection)

    @cached_property
    def tasks(self) -> TaskRows:
        """Deep Search tasks and what they exclude."""
        return TaskRows(self.connection)

    @cached_property
    def results(self) -> ResultRows:
        """What tasks found, which company each row is, and what was decided of it."""
        return ResultRows(self.connection)

    @cached_property
    def pushes(self) -> PushRows:
        """The outbox to the CRMs."""
        return PushRows(self.connection)

    @cached_property
    def mirror(self) -> MirrorRows:
        """What each CRM holds."""
        return MirrorRows(self.connection)

    @cached_property
    def documents(self) -> DocumentRows:
        """What is indexed of known companies."""
        return DocumentRows(self.connection)

    @cached_property
    def learning(self) -> LearningRows:
        """What plans came to, and the weights that follow."""
        return LearningRows(self.connection)

    @cached_property
    def spending(self) -> SpendingRows:
        """What tasks have cost."""
        return SpendingRows(self.connection)

    @cached_property
    def planning(self) -> PlanningRows:
        """What the exclusion planner chooses from."""
        return PlanningRows(self.connection)

    @cached_property
    def overview(self) -> OverviewRows:
        """How much work is left."""
        return OverviewRows(self.connection)

    @cached_property
    def listings(self) -> ListingRows:
        """What the command line lists."""
        return ListingRows(self.connection)

    @cached_property
    def summary(self) -> SummaryRows:
        """Totals."""
        return SummaryRows(self.connection)

    @cached_property
    def duplicates(self) -> DuplicateRows:
        """Records that a CRM holds twice."""
        return DuplicateRows(self.connection)

    @cached_property
    def explanations(self) -> ExplanationRows:
        """Everything about one company."""
        return ExplanationRows(self.connection)

    @cached_property
    def pruning(self) -> PruneRows:
        """What is old enough to be taken away."""
        return PruneRows(self.connection)

    @cached_property
    def verdicts(self) -> VerdictRows:
        """What a person said about two companies."""
        return VerdictRows(self.connection)

    @cached_property
    def redirects(self) -> RedirectRows:
        """Where websites lead."""
        return RedirectRows(self.connection)

    @cached_property
    def vendors(self) -> VendorRows:
        """Which vendor is paused, and why."""
        return VendorRows(self.connection)


class Store:
    """Opens transactions. Safe to use from several threads at once.

    ``emit`` is told every audit event after its commit; ``point`` is told the name of every commit
    just before and just after it.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        emit: Callable[[AuditEvent], None] = ignore_event,
        point: Callable[[str], None] = pass_point,
        actor: str = "prospectd",
    ) -> None:
        self.engine = engine
        self._emit = emit
        self._point = point
        self._actor = actor

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database of one process."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(
        self,
        name: str,
        *,
        now: datetime,
        actor: str | None = None,
        repeatable: bool = False,
    ) -> Iterator[Transaction]:
        """All or nothing; ``name`` is the commit's own, for tests that crash there.

        ``repeatable`` is for what is simply read again from a vendor where a power cut has undone
        it: SQLite then does not wait for the disk. What comes after it is still never kept without
        it.

        Raises:
            StoreUnavailable: the database is locked, away or full.
        """
        with (
            translated(),
            self.engine.connect().execution_options(repeatable=repeatable) as connection,
            connection.begin() as begun,
        ):
            unit = Transaction(connection, actor=actor or self._actor, now=now)
            yield unit
            unit.audit.flush()
            self._point(f"commit.before {name}")
            begun.commit()
            self._point(f"commit.after {name}")
        for event in unit.audit.written:
            self._emit(event)

    @contextmanager
    def reading(self, *, now: datetime) -> Iterator[Transaction]:
        """A consistent look that writes nothing and waits for nobody.

        Raises:
            StoreUnavailable: the database is away.
        """
        options = {"begin": "DEFERRED"} if self.is_sqlite else {}
        with translated(), self.engine.connect() as plain:
            connection = plain.execution_options(**options)
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin() as begun:
                yield Transaction(connection, actor=self._actor, now=now)
                begun.rollback()

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreUnavailable: there is none.
        """
        with translated(), self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give back all connections; calling it twice is fine."""
        self.engine.dispose()
