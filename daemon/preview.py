"""What a pass would start and push: every reading step for real, no step that changes anything.

It works on a copy of the store: see :func:`daemon.db.copying.throwaway_copy`.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from connectors.sdk.faults import Fault
from daemon.app import App
from daemon.db.rows import PushRow
from daemon.domain.push_states import PushState
from daemon.services.guards import Target, check_mirrors
from daemon.services.mirror_crm import MirrorCrm
from daemon.services.push_companies import item_of
from daemon.services.schedule_slots import schedule_now, schedule_slots

SHOWN = 500
"""So many pushes are looked up for each connector; the rest is counted by `prospectd pushes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen, and what is in the way."""

    starts: tuple[dict[str, Any], ...]
    held: tuple[dict[str, Any], ...]
    pushes: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The shape that ``--json`` prints."""
        return asdict(self)


def preview_pass(app: App, names: Collection[str], *, now: bool) -> Preview:
    """Mirror into the copy, plan, match, look up; send nothing."""
    problems = [fault for target in app.targets.values() for fault in _mirror(app, target)]
    if now:
        schedule_now(app.context, names)
    else:
        schedule_slots(app.context)
    for job in app.jobs:
        if job.name in ("index", "start", "match"):
            job.run()
    pushes = [push for target in app.targets.values() for push in _pushes(app, target, problems)]
    with app.store.reading(now=app.context.now()) as unit:
        left = unit.overview.work_left(now=app.context.now())
        starts = tuple(unit.listings.planned_tasks())
    return Preview(
        starts=starts,
        held=tuple(asdict(slot) for slot in left.held_slots),
        pushes=tuple(pushes),
        problems=tuple(problems),
    )


def _mirror(app: App, target: Target) -> list[str]:
    mirror = MirrorCrm(app.context, target.connector, name=target.name, options=target.options)
    result = mirror.run_once(changes_now=True)
    while result.more:
        result = mirror.run_once()
    return [] if result.fault is None else [f"{target.name}: {result.fault.message}"]


def _pushes(app: App, target: Target, problems: list[str]) -> list[dict[str, Any]]:
    now = app.context.now()
    with app.store.reading(now=now) as unit:
        blocked = check_mirrors(unit, {target.name: target}, [target.name], now=now)
        waiting = unit.pushes.ready(target.name, PushState.PENDING, now=now, limit=SHOWN)
        held = unit.pushes.in_state(PushState.HELD, connector=target.name, limit=SHOWN)
    told = [_told(push, would=False, reason=f"held for {push.hold_reason}") for push in held]
    if blocked is not None:
        return told + [_told(push, would=False, reason=blocked.text) for push in waiting]
    size = max(1, target.connector.capabilities.batch_size)
    for start in range(0, len(waiting), size):
        told += _looked_up(target, waiting[start : start + size], problems)
    return told


def _looked_up(target: Target, pushes: list[PushRow], problems: list[str]) -> list[dict[str, Any]]:
    try:
        found = target.connector.lookup([item_of(push).company for push in pushes])
    except Fault as fault:
        problems.append(f"{target.name}: {fault.message}")
        return []
    return [
        _told(push, would=False, reason=f"record {records[0].record_id} holds it already")
        if records
        else _told(push, would=True, reason="new, and a look-up finds nothing")
        for push, records in zip(pushes, found, strict=True)
    ]


def _told(push: PushRow, *, would: bool, reason: str) -> dict[str, Any]:
    return {
        "connector": push.connector,
        "company": push.company_key,
        "name": push.company_name,
        "would_push": would,
        "reason": reason,
    }
