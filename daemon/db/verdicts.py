"""Rows of what a person said about two companies."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, or_, select

from daemon.db.inserts import insert_or_replace
from daemon.db.planning_tables import verdicts
from daemon.domain.matching import Verdict, verdict_key


class VerdictRows:
    """Verdicts, each under the identity keys of both companies."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, one: str, other: str, verdict: Verdict, *, actor: str, now: datetime) -> None:
        """Keep a verdict; a later one on the same two takes its place."""
        first, second = verdict_key(one, other)
        columns = ("verdict", "actor", "decided_at")
        self._connection.execute(
            insert_or_replace(self._connection, verdicts, by=("one", "other"), columns=columns),
            {
                "one": first,
                "other": second,
                "verdict": verdict.value,
                "actor": actor,
                "decided_at": now,
            },
        )

    def about(self, keys: Iterable[str]) -> dict[tuple[str, str], Verdict]:
        """Every verdict that names one of these keys, in the form for matching."""
        named = list(keys)
        rows = self._connection.execute(
            select(verdicts.c.one, verdicts.c.other, verdicts.c.verdict).where(
                or_(verdicts.c.one.in_(named), verdicts.c.other.in_(named))
            )
        )
        return {(row.one, row.other): Verdict(row.verdict) for row in rows}
