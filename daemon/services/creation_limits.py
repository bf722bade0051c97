"""How many more companies may be created without a person, as one transaction counts it."""

from dataclasses import dataclass, field
from datetime import datetime

from daemon.config.definitions import definition_from_json
from daemon.db.pushes import Run
from daemon.db.rows import PushRow
from daemon.db.store import Transaction
from daemon.domain.limits import CreationLimit, check_creation_limits
from daemon.domain.searches import SearchDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPolicy:
    """How many companies may be created without a person; None: any number.

    A run is one run of a search (a slot with all its waves), a day is one of UTC.
    """

    max_new_per_run: int | None = None
    max_new_per_day: int | None = None


@dataclass(slots=True)
class CreationLimits:
    """Counts once what the store holds, and then what is claimed beside it.

    Replicas count one after the other: whoever asks for this holds the connector's row.
    """

    unit: Transaction
    connector: str
    policy: PushPolicy
    _runs: dict[int, Run] = field(default_factory=dict)
    _used: dict[tuple[object, ...], int] = field(default_factory=dict)
    _definitions: dict[int, SearchDefinition] = field(default_factory=dict)

    def check(self, push: PushRow) -> str:
        """The name of the limit that this creation would break, or nothing."""
        if push.approved_by:
            return ""
        definition = self._definition(push.search_id)
        run = self._used_in_run(push)
        limits = (
            CreationLimit(code="max_new_per_run", limit=self.policy.max_new_per_run, used=run),
            CreationLimit(
                code="search_max_new_per_run", limit=definition.max_new_per_run, used=run
            ),
            CreationLimit(
                code="max_new_per_day",
                limit=self.policy.max_new_per_day,
                used=self._used_today(None),
            ),
            CreationLimit(
                code="search_max_new_per_day",
                limit=definition.max_new_per_day,
                used=self._used_today(push.search_id),
            ),
        )
        return check_creation_limits(limits, wanted=1)

    def take(self, push: PushRow) -> None:
        """This one is about to be sent."""
        if not push.approved_by:
            for key in (("run", self._run(push)), ("day", None), ("day", push.search_id)):
                if key in self._used:
                    self._used[key] += 1

    def _used_in_run(self, push: PushRow) -> int:
        run = self._run(push)
        key = ("run", run)
        if key not in self._used:
            self._used[key] = self.unit.pushes.created_in_run(run, connector=self.connector)
        return self._used[key]

    def _used_today(self, search_id: int | None) -> int:
        key = ("day", search_id)
        if key not in self._used:
            self._used[key] = self.unit.pushes.created_since(
                _midnight(self.unit.now), connector=self.connector, search_id=search_id
            )
        return self._used[key]

    def _run(self, push: PushRow) -> Run:
        if push.result_id not in self._runs:
            self._runs[push.result_id] = self.unit.pushes.run_of(push.result_id)
        return self._runs[push.result_id]

    def _definition(self, search_id: int) -> SearchDefinition:
        if search_id not in self._definitions:
            row = self.unit.searches.by_id(search_id)
            self._definitions[search_id] = definition_from_json(row.definition)
        return self._definitions[search_id]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
