"""``load()``: rows of text become records together with their external ids, all or none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from connectors.odoo.simulated.errors import OdooError, builtin, conflict
from connectors.odoo.simulated.orm import Env, Orm
from connectors.odoo.simulated.schema import DATA, Field
from connectors.odoo.simulated.tables import Row

Message: TypeAlias = dict[str, Any]
_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"", "0", "false", "no"})
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
                values[name] = _value(orm, field_, path, cell)
            except _Refused as refused:
                said = {"type": "error", "field": name, "field_name": field_.string}
                messages.append({**info, **said, **refused.message})
    if external:
        values.pop("id", None)
    return Loaded(external=external or None, values=values, info=info)


class _Refused(Exception):
    """A cell that cannot be the field's value."""

    def __init__(self, text: str, moreinfo: Any = None) -> None:
        super().__init__(text)
        self.message = {"message": text, **({} if moreinfo is None else {"moreinfo": moreinfo})}


def _value(orm: Orm, field_: Field, path: str, cell: Any) -> Any:
    if field_.type == "many2one":
        return _many2one(orm, field_, path, cell)
    if field_.type in _UNSUPPORTED:
        raise builtin("NotImplementedError", f"{field_.name} cannot be loaded here")
    convert = _CONVERTERS.get(field_.type)
    return cell if convert is None else convert(field_, cell)


def _boolean(field_: Field, cell: Any) -> bool:
    if not isinstance(cell, str):
        kind = type(cell).__name__
        raise builtin("AttributeError", f"{kind!r} object has no attribute 'lower'")
    if cell.lower() in _TRUE:
        return True
    if cell.lower() in _FALSE:
        return False
    text = f"Unknown value '{cell}' for boolean field '{field_.string}'"
    raise _Refused(text, "Use '1' for yes and '0' for no")


def _selection(field_: Field, cell: Any) -> str:
    options = field_.selection or {}
    for value, label in options.items():
        if str(cell) in {value, label}:
            return value
    text = f"Value '{cell}' not found in selection field '{field_.string}'"
    raise _Refused(text, list(options.values()))


def _many2one(orm: Orm, field_: Field, path: str, cell: Any) -> int:
    relation = field_.relation or ""
    found: Any = None
    if path == "id":
        external = orm.tables.external(str(cell), seen_only=False)
        found = None if external is None else external["res_id"]
    elif path == ".id":
        row = orm.tables.get(relation, int(cell))
        found = None if row is None else row["id"]
    else:
        rows = orm.tables.rows[relation].values()
        found = next((row["id"] for row in rows if row["name"] == cell), None)
    if found is None:
        what = {"id": "external id", ".id": "database id"}.get(path, "name")
        text = f"No matching record found for {what} '{cell}' in field '{field_.string}'"
        raise _Refused(text, _possible(relation))
    return int(found)


def _integer(field_: Field, cell: Any) -> int:
    try:
        return int(cell)
    except (TypeError, ValueError):
        text = f"'{cell}' does not seem to be an integer for field '{field_.string}'"
        raise _Refused(text) from None


def _float(field_: Field, cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        text = f"'{cell}' does not seem to be a number for field '{field_.string}'"
        raise _Refused(text) from None


def _date(field_: Field, cell: Any) -> Any:
    try:
        moment = datetime.fromisoformat(str(cell))
    except ValueError:
        text = f"'{cell}' does not seem to be a valid {field_.type} for field '{field_.string}'"
        raise _Refused(text, "Use the format '2012-12-31'") from None
    return moment if field_.type == "datetime" else moment.date().isoformat()


_UNSUPPORTED = frozenset({"one2many", "many2many", "binary"})
_CONVERTERS: Mapping[str, Callable[[Field, Any], Any]] = {
    "boolean": _boolean,
    "selection": _selection,
    "integer": _integer,
    "float": _float,
    "datetime": _date,
    "date": _date,
}


def _possible(relation: str) -> Mapping[str, Any]:
    return {
        "name": "Possible Values",
        "type": "ir.actions.act_window",
        "target": "new",
        "view_mode": "tree,form",
        "views": [[False, "list"], [False, "form"]],
        "context": {"create": False},
        "help": "See all possible values",
        "res_model": relation,
    }


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
