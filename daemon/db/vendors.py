"""Rows of vendors: which is paused, since when it fails, and its shared rate."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from daemon.db.inserts import insert_or_skip
from daemon.db.rows import VendorRow
from daemon.db.tables import vendors

_COLUMNS = tuple(vendors.c[name] for name in VendorRow.__slots__)


class VendorRows:
    """Which vendor is paused, and why."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> VendorRow:
        """What is known of this vendor; an unknown one is in good order."""
        row = self._connection.execute(select(*_COLUMNS).where(vendors.c.name == name)).first()
        if row is None:
            return VendorRow(name=name, paused_until=None, code="", reason="", failures=0)
        return VendorRow(**row._mapping)  # noqa: SLF001 - the row's public mapping

    def all(self) -> list[VendorRow]:
        """Every vendor that was ever paused."""
        rows = self._connection.execute(select(*_COLUMNS).order_by(vendors.c.name))
        return [VendorRow(**row._mapping) for row in rows]  # noqa: SLF001 - same

    def pause(self, name: str, *, until: datetime, code: str, reason: str, failures: int) -> None:
        """Nobody calls this vendor before ``until``."""
        self._ensure(name)
        self._connection.execute(
            update(vendors)
            .where(vendors.c.name == name)
            .values(paused_until=until, code=code, reason=reason, failures=failures)
        )

    def release(self, name: str) -> None:
        """The vendor works again."""
        self._connection.execute(
            update(vendors)
            .where(vendors.c.name == name)
            .values(paused_until=None, code="", reason="", failures=0)
        )

    def lock(self, name: str) -> None:
        """Let one replica at a time count and claim what goes to this vendor."""
        self._ensure(name)
        self._connection.execute(
            select(vendors.c.name).where(vendors.c.name == name).with_for_update()
        )

    def take_token(self, name: str, *, limit: float, per_seconds: float, now: datetime) -> float:
        """Seconds to wait before a request may be sent; zero when it was let through.

        A token bucket of one second's worth (at least one), shared by everybody on this store. Who
        is told to wait has taken nothing, and asks again.
        """
        self._ensure(name)
        rate = limit / per_seconds
        burst = max(1.0, rate)
        row = self._connection.execute(
            select(vendors.c.tokens, vendors.c.tokens_at)
            .where(vendors.c.name == name)
            .with_for_update()
        ).one()
        if row.tokens_at is None:
            level = burst
        else:
            level = min(burst, row.tokens + max(0.0, (now - row.tokens_at).total_seconds()) * rate)
        if level < 1:
            return (1 - level) / rate
        self._connection.execute(
            update(vendors).where(vendors.c.name == name).values(tokens=level - 1, tokens_at=now)
        )
        return 0.0

    def block(self, name: str, *, until: datetime, limit_rate: float, now: datetime) -> None:
        """Empty the bucket so far that the next token is there at ``until``."""
        self._ensure(name)
        debt = max(timedelta(0), until - now).total_seconds() * limit_rate
        self._connection.execute(
            update(vendors).where(vendors.c.name == name).values(tokens=1 - debt, tokens_at=now)
        )

    def _ensure(self, name: str) -> None:
        self._connection.execute(insert_or_skip(self._connection, vendors).values(name=name))
