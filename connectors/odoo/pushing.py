"""Creating contacts with ``load()``: the record and its external id in one transaction.

The calls run with ``mode = update`` and ``noupdate``: Odoo then creates what is not there and
leaves alone what is, so that nothing that people changed is ever overwritten, even in a race.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.odoo.contacts import PARTNER, Contacts
from connectors.odoo.fields import Row, load_arguments, plan_row, tables_of
from connectors.odoo.refusals import (
    Refusal,
    droppable_columns,
    is_conflict,
    read_refusals,
)
from connectors.odoo.rpc import OdooServer
from connectors.sdk.batches import outcomes_in_order
from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    Permanent,
)
from connectors.sdk.http import RetryPolicy
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.records import PushItem

CREATE_ONLY: Mapping[str, Any] = {
    "lang": "en_US",
    "mode": "update",
    "noupdate": True,
    "mail_create_nosubscribe": True,
}
BATCH = 50
T = TypeVar("T")
_TRIES = 6
_TRIES_WITHOUT_CONFLICT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A company and its row."""

    item: PushItem
    row: Row


class Stopped(Exception):
    """No more is sent in this push: what is left was not sent, for this reason."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Pusher:
    """Pushes companies into one Odoo."""

    def __init__(
        self,
        server: OdooServer,
        contacts: Contacts,
        mapping: FieldMapping,
        *,
        overridden: frozenset[str],
        context: ConnectorContext,
        may_create: Callable[[], bool],
    ) -> None:
        self._server = server
        self._contacts = contacts
        self._mapping = mapping
        self._overridden = overridden
        self._context = context
        self._may_create = may_create
        self._policy = RetryPolicy()

    def push(self, items: Sequence[PushItem]) -> list[Outcome]:
        """One outcome for each item, in order.

        Raises:
            Fault: nothing was sent for any of them.
        """
        held = self._contacts.find_by_key([item.company for item in items])
        fates = {key: Outcome.existed(str(row["id"])) for key, row in held.items()}
        fresh = {item.company.key: item for item in reversed(items)}
        fresh = {key: item for key, item in reversed(fresh.items()) if key not in fates}
        created: dict[str, Outcome] = {}
        try:
            self._create(list(fresh.values()), created)
        except Stopped as stop:
            if not created:
                raise stop.fault from stop
            left = _not_sent(stop.fault)
            created |= {key: left for key in fresh if key not in created}
        return outcomes_in_order([item.company.key for item in items], {**fates, **created})

    def _create(self, items: Sequence[PushItem], fates: dict[str, Outcome]) -> None:
        planned = [self._plan(item) for item in items]
        by_external = {each.row.external: each for each in planned}
        for _, rows in tables_of(each.row for each in planned):
            self._create_together([by_external[row.external] for row in rows], fates)

    def _create_together(self, planned: Sequence[Planned], fates: dict[str, Outcome]) -> None:
        """One ``load()`` of all; where it is refused, each alone, since it is all or nothing."""
        if len(planned) > 1:
            try:
                ids, _ = self._load([each.row for each in planned])
            except Ambiguous as doubt:
                fates |= {each.item.company.key: Outcome.unknown(doubt.message) for each in planned}
                raise Stopped(doubt) from doubt
            except Permanent:
                ids = None
            if ids is not None:
                for each, record_id in zip(planned, ids, strict=True):
                    fates[each.item.company.key] = _created(record_id, each.row)
                return
        for each in planned:
            outcome = self._create_alone(each)
            fates[each.item.company.key] = outcome
            if outcome.kind is OutcomeKind.UNKNOWN:
                raise Stopped(Ambiguous("in_doubt", outcome.reason))

    def _create_alone(self, planned: Planned) -> Outcome:
        """Create one company: repeat after a lost race, leave out what Odoo refuses."""
        row, refreshed, tries = planned.row, False, 0
        while True:
            try:
                ids, refusals = self._load([row])
            except Ambiguous as doubt:
                return Outcome.unknown(doubt.message)
            except Permanent as fault:
                if refreshed:
                    return Outcome.rejected(fault.message)
                refreshed = True
                self._refresh()
                row = self._plan(planned.item).row
                continue
            if ids is not None:
                return _created(ids[0], row)
            refused = droppable_columns(refusals, row.cells)
            for column, why in refused.items():
                row = row.without(column, why)
            if refused:
                continue
            tries += 1
            known = self._after_refusal(planned.item, refusals, tries)
            if known is not None:
                return known

    def _after_refusal(
        self, item: PushItem, refusals: Sequence[Refusal], tries: int
    ) -> Outcome | None:
        """What became of a company whose row was refused as a whole; None: try again."""
        held = self._find(item)
        if held is not None:
            return Outcome.existed(held)
        said = "; ".join(refusal.message for refusal in refusals) or "Odoo gave no reason"
        conflict = is_conflict(refusals)
        if not conflict and tries == 1 and not self._allowed():
            message = f"Odoo refuses to create contacts: {said}"
            raise Stopped(BadCredentials("forbidden", message))
        if tries >= (_TRIES if conflict else _TRIES_WITHOUT_CONFLICT):
            return Outcome.not_sent(said) if conflict else Outcome.rejected(said)
        pause = self._policy.pause(tries, self._context.random.random())
        self._context.clock.sleep(pause.total_seconds())
        return None

    def _load(self, rows: Sequence[Row]) -> tuple[list[int] | None, list[Refusal]]:
        """One call: the records' ids, or None and why nothing of it was kept.

        Raises:
            Ambiguous: it may have been carried out.
            Permanent: Odoo failed on it, and kept nothing.
            Stopped: it was not carried out, and others would not be either.
        """
        columns = tuple(sorted(rows[0].cells))
        try:
            result = self._server.call(
                PARTNER,
                "load",
                args=load_arguments(columns, rows),
                named={"context": CREATE_ONLY},
                idempotent=False,
            )
        except (Ambiguous, Permanent):
            raise
        except Fault as fault:
            raise Stopped(fault) from fault
        ids = result.get("ids") if isinstance(result, dict) else None
        if isinstance(ids, list) and len(ids) == len(rows):
            return ids, []
        if not isinstance(result, dict) or isinstance(ids, list):
            text = "Odoo's load() answered with something unheard of; read back what became of it"
            raise Ambiguous("unreadable", text)
        return None, read_refusals(result.get("messages"))

    def _plan(self, item: PushItem) -> Planned:
        schema = self._reading(lambda: self._contacts.schema)
        row = plan_row(item, self._mapping, schema, overridden=self._overridden)
        return Planned(item=item, row=row)

    def _refresh(self) -> None:
        self._reading(self._contacts.refresh_schema)

    def _find(self, item: PushItem) -> str | None:
        held = self._reading(lambda: self._contacts.find_by_key([item.company]))
        row = held.get(item.company.key)
        return None if row is None else str(row["id"])

    def _allowed(self) -> bool:
        return self._reading(self._may_create)

    def _reading(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Fault as fault:
            raise Stopped(fault) from fault


def _created(record_id: int, row: Row) -> Outcome:
    return Outcome.created(str(record_id), warnings=row.warnings)


def _not_sent(fault: Fault) -> Outcome:
    if isinstance(fault, Ambiguous):
        return Outcome.not_sent(f"an earlier request of this push is in doubt: {fault.message}")
    return Outcome.not_sent_after(fault)
