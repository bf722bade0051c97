"""A vendor's rate limit, shared by every replica through the store."""

from datetime import datetime

from connectors.sdk.clock import Clock
from daemon.db.store import Store


class StoreRateGate:
    """One token bucket for each vendor, in the database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._rates: dict[str, float] = {}

    def acquire(self, vendor: str, *, limit: float, per_seconds: float) -> float:
        """Seconds to wait before sending; zero when the request may go out at once."""
        self._rates[vendor] = limit / per_seconds
        now = self._clock.now()
        with self._store.transaction("rate.acquire", now=now) as unit:
            return unit.vendors.take_token(vendor, limit=limit, per_seconds=per_seconds, now=now)

    def block(self, vendor: str, until: datetime) -> None:
        """Nobody sends to this vendor before ``until``."""
        now = self._clock.now()
        with self._store.transaction("rate.block", now=now) as unit:
            rate = self._rates.get(vendor, 1.0)
            unit.vendors.block(vendor, until=until, limit_rate=rate, now=now)
