"""Bring the searches of ``config.toml`` into the store: declarative, and idempotent."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from daemon.config.definitions import definition_json
from daemon.db.rows import SearchRow
from daemon.db.store import Transaction
from daemon.domain.searches import SearchDefinition
from daemon.services.context import ServiceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """Which searches appeared, changed, came back or were retired, by name."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def load_campaigns(
    context: ServiceContext, definitions: Mapping[str, SearchDefinition]
) -> LoadResult:
    """Make the store's searches say what the configuration says.

    New ones appear, changed ones get a version, missing ones are retired; none is deleted.
    """
    added: list[str] = []
    changed: list[str] = []
    with context.store.transaction("campaigns", now=context.now()) as unit:
        known = {row.name: row for row in unit.searches.all()}
        for name, definition in sorted(definitions.items()):
            stored = definition_json(definition)
            mark = hashlib.sha256(orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)).hexdigest()
            row = known.get(name)
            if row is None:
                unit.searches.add(name, stored, mark, now=context.now())
                unit.audit.write("search.added", subject=name, version=1)
                added.append(name)
            elif row.fingerprint != mark or row.retired:
                version = unit.searches.change(row, stored, mark, now=context.now())
                unit.audit.write("search.changed", subject=name, version=version)
                changed.append(name)
        missing = [row for row in known.values() if row.name not in definitions]
        retired = _retire(unit, missing, context)
    return LoadResult(added=tuple(added), changed=tuple(changed), retired=retired)


def _retire(
    unit: Transaction, missing: list[SearchRow], context: ServiceContext
) -> tuple[str, ...]:
    live = [row for row in missing if not row.retired]
    for row in live:
        unit.searches.set_flags(row.id, now=context.now(), retired=True)
        unit.audit.write("search.retired", subject=row.name, version=row.version)
    return tuple(row.name for row in live)


def pause_search(context: ServiceContext, name: str, *, paused: bool, actor: str) -> bool:
    """Pause or resume a search; false when there is none of this name."""
    with context.store.transaction("search.flag", now=context.now(), actor=actor) as unit:
        row = unit.searches.get(name)
        if row is None:
            return False
        if row.paused != paused:
            unit.searches.set_flags(row.id, now=context.now(), paused=paused)
            unit.audit.write("search.paused" if paused else "search.resumed", subject=name)
        return True
