"""What must hold: after each commit of a mirror, and of everything at the end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from connectors.hubspot.changes import Position
from connectors.hubspot.payloads import milliseconds
from daemon.config.definitions import definition_from_json
from daemon.db.crm_tables import crm_domains, crm_records, mirrors
from daemon.db.tables import (
    companies,
    decisions,
    pushes,
    results,
    search_versions,
    slots,
    tasks,
)
from daemon.domain.countries import normalise_country
from daemon.domain.hostnames import domain_keys
from daemon.domain.push_states import PushState
from daemon.domain.searches import PushMode
from daemon.domain.task_states import TASKS
from tests.simulation.history import check_history
from tests.simulation.scenario import Scenario
from tests.simulation.vendors import Vendors

_AT_REST = frozenset(PushState) - {PushState.PENDING, PushState.SENDING, PushState.UNKNOWN}
_PUSHED = frozenset({PushState.CREATED, PushState.EXISTED})
_CLOSEST_SLOTS = timedelta(minutes=50)
"""No search of a scenario is due twice in so short a time."""
_SETTLED = timedelta(minutes=2)


def known_in_mirror(engine: Engine, connector: str, key: str) -> str:
    """What the mirror said of a key before its push was claimed; nothing is what it should say."""
    with engine.connect().execution_options(begin="DEFERRED") as connection:
        sent_at = connection.execute(
            select(pushes.c.sent_at)
            .join(companies, companies.c.id == pushes.c.company_id)
            .where(pushes.c.connector == connector, companies.c.key == key)
        ).scalar()
        found = connection.execute(
            select(crm_records.c.record_id, crm_records.c.deleted_at)
            .join(
                crm_domains,
                (crm_domains.c.connector == crm_records.c.connector)
                & (crm_domains.c.record_id == crm_records.c.record_id),
            )
            .where(
                crm_domains.c.domain == key,
                crm_domains.c.connector == connector,
                crm_records.c.changed_at < sent_at,
            )
        ).first()
    if sent_at is None:
        return "no push of it at all"
    if found is None:
        return ""
    return f"{found.record_id}{', which a person had deleted' if found.deleted_at else ''}"


def check_commit(name: str, engine: Engine, vendors: Vendors, *, at: datetime) -> list[str]:
    """After a commit: the mirror of HubSpot says nothing false, and its watermark skips nothing.

    ``at`` is what the daemon's clock says.
    """
    if not name.startswith(("mirror.sweep_ended", "mirror.changes_page")):
        return []
    with engine.connect().execution_options(begin="DEFERRED") as connection:
        rows = connection.execute(select(crm_records).where(crm_records.c.connector == "crm"))
        kept = {row.record_id: row for row in rows}
        cursor = connection.execute(
            # A sweep that is not believed leaves what it missed where it was, until it is.
            select(mirrors.c.changes_cursor).where(
                mirrors.c.connector == "crm", mirrors.c.held == ""
            )
        ).scalar()
    return [*_falsely_gone(kept, vendors, at), *_skipped(kept, cursor, vendors)]


def _falsely_gone(kept: dict[str, Row[Any]], vendors: Vendors, at: datetime) -> Iterator[str]:
    """Only what this commit buried: an older death may have been true when it was noted."""
    settled = vendors.clock.now() - _SETTLED
    for company in vendors.hubspot.portal.live():
        row = kept.get(str(company.id))
        if row is not None and row.deleted_at == at and company.modified_at < settled:
            yield f"the mirror says that {company.id} is gone, which it is not"


def _skipped(kept: dict[str, Row[Any]], cursor: str | None, vendors: Vendors) -> Iterator[str]:
    position = None if cursor is None else Position.load(cursor)
    if position is None or position.started is not None or position.archive is not None:
        return  # within a run: what is skipped now is read again by the next one
    settled = position.at
    for company in vendors.hubspot.portal._companies.values():
        changed = company.archived_at or company.modified_at
        if milliseconds(changed) >= settled:
            continue
        row = kept.get(str(company.id))
        if company.live and (row is None or row.crm_modified_at != company.modified_at):
            if row is None or row.push_id is None:
                yield f"the watermark is past the change of {company.id} at {changed:%d %H:%M:%S}"
        elif not company.live and row is not None and row.deleted_at is None:
            yield f"the watermark is past the end of {company.id} at {changed:%d %H:%M:%S}"


def check_end(engine: Engine, scenario: Scenario, vendors: Vendors) -> list[str]:
    """At rest: everything that was promised."""
    with engine.connect().execution_options(begin="DEFERRED") as connection:
        return [
            *check_history(connection),
            *_check_slots(connection),
            *check_paid_tasks(
                connection,
                {task.id: task.desired for task in vendors.extruct.workspace.tasks()},
            ),
            *_check_results(connection, vendors),
            *_check_decisions(connection, vendors),
            *_check_mirrors(connection, scenario, vendors),
        ]


def _check_slots(connection: Connection) -> Iterator[str]:
    last: dict[int, datetime] = {}
    for row in connection.execute(select(slots).order_by(slots.c.due_at)):
        before = last.get(row.search_id)
        if before is not None and row.due_at - before < _CLOSEST_SLOTS:
            yield f"search {row.search_id} has two slots for {row.due_at:%d %H:%M}"
        last[row.search_id] = row.due_at


def check_paid_tasks(connection: Connection, paid: Mapping[str, int]) -> Iterator[str]:
    """Each task that the vendor has is ours exactly once, and each wave has one.

    ``paid`` says how many results each task was asked for: at its creation, and each time that it
    was let go on.
    """
    rows = connection.execute(select(tasks)).all()
    owned = Counter(row.extruct_id for row in rows if row.extruct_id is not None)
    for task_id in paid:
        if owned[task_id] != 1:
            yield f"the paid task {task_id} belongs to {owned[task_id]} rows"
    for begun in (row for row in rows if row.extruct_id in paid):
        asked = sum(row.desired for row in rows if row is begun or _went_on(row, begun_id=begun.id))
        if paid[begun.extruct_id] != asked:
            yield f"the task {begun.extruct_id} is asked for {paid[begun.extruct_id]}, not {asked}"
    for task_id in owned.keys() - paid.keys():
        yield f"the task {task_id} is nobody's at the vendor"
    waves = Counter((row.slot_id, row.wave) for row in rows if row.slot_id is not None)
    yield from (
        f"slot {slot} has wave {wave} {n} times" for (slot, wave), n in waves.items() if n > 1
    )
    yield from (
        f"task {row.id} is left {row.state}" for row in rows if row.state not in TASKS.terminal
    )


def _went_on(row: Row[Any], *, begun_id: int) -> bool:
    return bool(row.continues_id == begun_id and row.started_at is not None)


def _check_results(connection: Connection, vendors: Vendors) -> Iterator[str]:
    """Every row that the vendor shows is stored, as it was last scored."""
    stored = {row.result_id: row for row in connection.execute(select(results))}
    for task in vendors.extruct.workspace.tasks():
        for row in vendors.extruct.workspace.rows(task):
            kept = stored.get(row["id"])
            if kept is None:
                yield f"the result {row['id']} ({row['company_website']}) was lost"
            elif kept.relevance != row["relevance"]:
                yield f"the result {row['id']} kept an old score"


def _check_decisions(connection: Connection, vendors: Vendors) -> Iterator[str]:
    """Every eligible result is pushed, or held or refused for a reason that has a name."""
    found = connection.execute(
        select(
            results.c.id,
            results.c.relevance,
            results.c.raw,
            results.c.company_id,
            companies.c.key,
            companies.c.domain,
            search_versions.c.definition,
            tasks.c.state.label("task_state"),
        )
        .join(tasks, tasks.c.id == results.c.task_id)
        .join(companies, companies.c.id == results.c.company_id)
        .join(
            search_versions,
            (search_versions.c.search_id == tasks.c.search_id)
            & (search_versions.c.version == tasks.c.search_version),
        )
    ).all()
    kinds = {
        (row.result_id, row.connector): row.kind for row in connection.execute(select(decisions))
    }
    pushed = {(row.company_id, row.connector): row for row in connection.execute(select(pushes))}
    held = {(name, domain) for name, ledger in vendors.ledgers.items() for domain in ledger.ever}
    for row in found:
        definition = definition_from_json(row.definition)
        for connector in definition.push_to:
            kind = kinds.get((row.id, connector))
            push = pushed.get((row.company_id, connector))
            yield from _check_outcome(row, connector, kind, push)
            eligible = (
                definition.push is PushMode.AUTO
                and _is_good(row, definition.min_relevance)
                and _is_meant(row.raw["hq_country"], definition.countries)
            )
            if (
                eligible
                and not definition.criteria
                and push is None
                and (connector, row.key) not in held
            ):
                yield f"{row.key} is eligible and new for {connector}, and was lost (as {kind})"


def _is_good(row: Any, min_relevance: int) -> bool:
    return row.domain is not None and row.relevance is not None and row.relevance >= min_relevance


def _is_meant(country: str | None, countries: Sequence[str]) -> bool:
    return not countries or normalise_country(country) in map(normalise_country, countries)


def _check_outcome(
    row: Any, connector: str, kind: str | None, push: Row[Any] | None
) -> Iterator[str]:
    if kind is None and (push is None or push.result_id != row.id):
        yield f"nothing was decided of {row.key} for {connector}"
    if kind == "waiting":
        yield f"{row.key} still waits for scores that will not come"
    if push is None:
        return
    if push.state not in _AT_REST:
        yield f"the push of {row.key} is left {push.state}"
    if push.state is PushState.HELD and not push.hold_reason:
        yield f"{row.key} is held for no reason"
    if push.state is PushState.REJECTED and not push.reason:
        yield f"{row.key} is rejected for no reason"
    if push.state is PushState.CREATED and push.record_id is None:
        yield f"{row.key} was created as nobody knows what"


def _check_mirrors(connection: Connection, scenario: Scenario, vendors: Vendors) -> Iterator[str]:
    """After the last sweep each mirror holds what its CRM holds."""
    for name in scenario.connectors:
        truth = {
            record_id: set(domain_keys(texts))
            for record_id, (texts, _) in vendors.ledgers[name].live().items()
        }
        rows = connection.execute(
            select(crm_records).where(
                crm_records.c.connector == name, crm_records.c.deleted_at.is_(None)
            )
        )
        # Our own key goes on counting for its domain, whatever a person made of the website.
        kept = {
            row.record_id: set(row.domains) - ({row.key} - truth.get(row.record_id, set()))
            for row in rows
        }
        if kept != truth:
            missing, more = truth.keys() - kept.keys(), kept.keys() - truth.keys()
            other = {one for one in truth.keys() & kept.keys() if truth[one] != kept[one]}
            yield f"the mirror of {name} lacks {missing}, has {more} too much, {other} differ"
    yield from _check_creations(connection, scenario, vendors)


def _check_creations(connection: Connection, scenario: Scenario, vendors: Vendors) -> Iterator[str]:
    """Each record that we made is some push's, and the push says so."""
    rows = connection.execute(
        select(pushes.c.connector, companies.c.key, pushes.c.state, pushes.c.record_id).join(
            companies, companies.c.id == pushes.c.company_id
        )
    )
    known = {(row.connector, row.key): row for row in rows}
    for name in scenario.connectors:
        live = vendors.ledgers[name].live()
        for made in vendors.ledgers[name].creations:
            row = known.get((name, made.key))
            # What a person merged away before we read it back is found as the other record.
            proper = {PushState.CREATED} if made.record_id in live else _PUSHED
            if row is None or row.state not in proper:
                told = "no push" if row is None else f"a push that is {row.state}"
                yield f"{name}: we made {made.record_id} for {made.key}, of which {told} knows"
