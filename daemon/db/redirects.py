"""Rows of where websites lead, and of the looks that were asked for."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from daemon.db.inserts import insert_or_replace
from daemon.db.planning_tables import redirects
from daemon.domain.redirects import PENDING, Landing, Outcome, Redirect

_CHUNK = 2_000
_PENDING = tuple(sorted(PENDING))


class RedirectRows:
    """One row a domain. It is both what is known and the queue of what is asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, domains: Collection[str]) -> dict[str, Redirect]:
        """What is known of these domains, by domain."""
        wanted = sorted(domains)
        return {
            row.domain: _redirect(row)
            for start in range(0, len(wanted), _CHUNK)
            for row in self._connection.execute(
                select(redirects).where(redirects.c.domain.in_(wanted[start : start + _CHUNK]))
            )
        }

    def leading_to(self, domains: Collection[str]) -> dict[str, str]:
        """Domains whose websites lead to one of these, each with where it leads."""
        rows = self._connection.execute(
            select(redirects.c.domain, redirects.c.leads_to).where(
                redirects.c.leads_to.in_(sorted(domains))
            )
        )
        return {row.domain: row.leads_to for row in rows}

    def ask(self, domains: Iterable[str], *, now: datetime) -> None:
        """Have a look at these websites; what an earlier look found stays until then."""
        # In one order, so that replicas which ask for the same wait for each other in one order.
        rows = [
            {"domain": domain, "reason": Outcome.ASKED.value, "checked_at": now}
            for domain in sorted(domains)
        ]
        if rows:
            columns = ("reason", "checked_at")
            statement = insert_or_replace(
                self._connection, redirects, by=("domain",), columns=columns
            )
            self._connection.execute(statement, rows)

    def claim(self, *, asked_after: datetime) -> Redirect | None:
        """The domain that was asked for first, after this moment; nobody else is given it."""
        row = self._connection.execute(
            select(redirects)
            .where(redirects.c.reason == Outcome.ASKED, redirects.c.checked_at > asked_after)
            .order_by(redirects.c.checked_at, redirects.c.domain)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        self._set(row.domain, reason=Outcome.LOOKING.value)
        return _redirect(row)

    def give_back(self, domain: str) -> None:
        """Nobody has looked: let another have it."""
        self._set(domain, reason=Outcome.ASKED.value)

    def save(self, domain: str, landing: Landing, *, now: datetime) -> None:
        """Keep what a look found; it lets go of what waited for it."""
        self._set(domain, leads_to=landing.leads_to, reason=landing.outcome.value, checked_at=now)

    def miss(self, *, asked_before: datetime) -> int:
        """Looks asked for before this moment were not made in time; gives how many there were."""
        changed = self._connection.execute(
            update(redirects)
            .where(redirects.c.reason.in_(_PENDING), redirects.c.checked_at <= asked_before)
            .values(reason=Outcome.NOT_IN_TIME.value)
        )
        return changed.rowcount

    def _set(self, domain: str, **values: Any) -> None:
        self._connection.execute(
            update(redirects).where(redirects.c.domain == domain).values(**values)
        )


def _redirect(row: Row[Any]) -> Redirect:
    return Redirect(
        domain=row.domain,
        leads_to=row.leads_to,
        outcome=Outcome(row.reason),
        checked_at=row.checked_at,
    )
