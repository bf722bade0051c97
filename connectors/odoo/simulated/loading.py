"""``load()``: rows of text become records together with their external ids, all or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connectors.odoo.simulated.cells import Refused, convert_cell
from connectors.odoo.simulated.errors import OdooError, builtin, conflict
from connectors.odoo.simulated.orm import Env, Orm
from connectors.odoo.simulated.schema import DATA
from connectors.odoo.simulated.tables import Row

Message: TypeAlias = dict[str, Any]
_IDENTIFIERS = frozenset({"id", ".id"})
_MOST_ERRORS = 10


@dataclass(slots=True, kw_only=True)
class Loaded:
    """One row on its way in: its external id, its values, where it stood."""

    external: str | None
    values: Row
    info: Message
    record: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mode:
    """What the context says: leave ``noupdate`` records alone; mark new ones so."""

    update: bool
    noupdate: bool
    module: str


def load(orm: Orm, env: Env, model: str, fields: Sequence[str], data: Sequence[Any]) -> Row:
    """Create or update one record a row; one error, and nothing of it stays.

    Raises:
        OdooError: an unknown column, or JSON where text belongs.
    """
    columns = [_column(orm, model, name) for name in fields]
    mode = _Mode(
        update=env.context.get("mode", "init") == "update",
        noupdate=bool(env.context.get("noupdate", False)),
        module=env.context.get("module", "__import__"),
    )
    messages: list[Message] = []
    batch = [
        _convert(orm, model, columns, row, number, mode, messages)
        for number, row in enumerate(data)
    ]
    mark = orm.tables.savepoint()
    ids: list[int] | bool = _flush(orm, env, model, batch, mode, messages)
    if any(message["type"] == "error" for message in messages):
        orm.tables.rollback(mark)
        ids = False
    return {"ids": ids, "messages": messages, "nextrow": 0}


def _column(orm: Orm, model: str, name: str) -> tuple[str, str]:
    head, _, tail = name.partition("/")
    if head not in _IDENTIFIERS and head not in orm.fields[model]:
        raise builtin("KeyError", head, shown=repr(head))
    return head, tail


def _convert(
    orm: Orm,
    model: str,
    columns: Sequence[tuple[str, str]],
    cells: Sequence[Any],
    number: int,
    mode: _Mode,
    messages: list[Message],
) -> Loaded:
    info: Message = {"rows": {"from": number, "to": number}, "record": number}
    external: str | None = None
    values: Row = {}
    for (name, path), cell in zip(columns, cells, strict=False):
        if name == "id":
            external = cell if not cell or "." in cell else f"{mode.module}.{cell}"
        elif name == ".id":
            values["id"] = int(cell)
        elif not cell:
            values[name] = False
        else:
            field_ = orm.fields[model][name]
            try:
                values[name] = convert_cell(orm, field_, path, cell)
            except Refused as refused:
                said = {"type": "error", "field": name, "field_name": field_.string}
                messages.append({**info, **said, **refused.message})
    if external:
        values.pop("id", None)
    return Loaded(external=external or None, values=values, info=info)


def _flush(
    orm: Orm,
    env: Env,
    model: str,
    batch: list[Loaded],
    mode: _Mode,
    messages: list[Message],
) -> list[int]:
    """All rows at once; where that fails, row by row, so that each error has its row."""
    mark = orm.tables.savepoint()
    injected = orm.conflicts > 0 and bool(batch)
    orm.conflicts -= injected
    try:
        if injected:
            raise conflict()
        return [row["id"] for row in _load_records(orm, env, model, batch, mode)]
    except OdooError:
        orm.tables.rollback(mark)
    return list(_one_by_one(orm, env, model, batch, mode, messages, injected=injected))


def _one_by_one(
    orm: Orm,
    env: Env,
    model: str,
    batch: list[Loaded],
    mode: _Mode,
    messages: list[Message],
    *,
    injected: bool,
) -> Iterator[int]:
    errors = 0
    for number, loaded in enumerate(batch, 1):
        mark = orm.tables.savepoint()
        try:
            if injected and number == 1:
                raise conflict()
            yield _load_records(orm, env, model, [loaded], mode)[0]["id"]
        except OdooError as error:
            orm.tables.rollback(mark)
            messages.append({**loaded.info, "type": "error", **error.loading_message()})
            errors += 1
        if errors >= _MOST_ERRORS and errors >= number / _MOST_ERRORS:
            text = (
                "Found more than 10 errors and more than one error per 10 records, interrupted to "
                "avoid showing too many errors."
            )
            messages.append({"type": "warning", "message": text})
            return


def _load_records(orm: Orm, env: Env, model: str, batch: list[Loaded], mode: _Mode) -> list[Row]:
    named: list[Loaded] = []
    fresh: list[Loaded] = []
    for loaded in batch:
        record = _existing(orm, model, loaded)
        if record is None:
            fresh.append(loaded)
            continue
        loaded.record = record
        protected = False
        if loaded.external is not None:
            named.append(loaded)
            external = orm.tables.external(loaded.external, seen_only=True)
            protected = mode.update and external is not None and bool(external["noupdate"])
        if not protected:
            orm.write(env, model, [record], loaded.values)
    for loaded in fresh:
        loaded.record = orm.create(env, model, loaded.values)
    named += [loaded for loaded in fresh if loaded.external is not None]
    _name_records(orm, env, model, named, mode)
    return [loaded.record for loaded in batch]


def _existing(orm: Orm, model: str, loaded: Loaded) -> Row | None:
    if loaded.external is None:
        return orm.tables.get(model, loaded.values.get("id"))
    external = orm.tables.external(loaded.external, seen_only=True)
    if external is None:
        return None
    record = orm.tables.get(model, external["res_id"])
    if record is None:
        orm.tables.delete(DATA, external)
    return record


def _name_records(orm: Orm, env: Env, model: str, named: list[Loaded], mode: _Mode) -> None:
    """Insert or update the external ids; each takes an id of the sequence, used or not.

    Raises:
        OdooError: a name with a space, a name twice in one batch, or a conflict.
    """
    seen: set[str] = set()
    for loaded in named:
        external = str(loaded.external)
        taken = orm.tables.take_id(DATA)
        if external in seen:
            text = "ON CONFLICT DO UPDATE command cannot affect row a second time\n"
            raise OdooError("psycopg2.errors.CardinalityViolation", text, loading=text)
        seen.add(external)
        held = orm.tables.external(external, seen_only=False)
        if held is not None:
            orm.tables.touch_external(held)
            if not (mode.update and held["noupdate"]):
                target = {"res_id": loaded.record["id"], "write_date": env.now}
                orm.tables.update(DATA, held, target)
            continue
        module, _, name = external.partition(".")
        orm.name_record(env, taken, module, name, (model, loaded.record["id"]), mode.noupdate)
