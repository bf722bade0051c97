"""How ``load()`` turns the text of a cell into a field's value."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.odoo.simulated.errors import builtin
from connectors.odoo.simulated.orm import Orm
from connectors.odoo.simulated.schema import Field

_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"", "0", "false", "no"})


class Refused(Exception):
    """A cell that cannot be the field's value."""

    def __init__(self, text: str, moreinfo: Any = None) -> None:
        super().__init__(text)
        self.message = {"message": text, **({} if moreinfo is None else {"moreinfo": moreinfo})}


def convert_cell(orm: Orm, field_: Field, path: str, cell: Any) -> Any:
    """The value; ``path`` is what follows the field's name in the column (``/id``, ``/.id``).

    Raises:
        Refused: with the words of ``load()``.
        OdooError: JSON where text belongs breaks the server.
    """
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
    raise Refused(text, "Use '1' for yes and '0' for no")


def _selection(field_: Field, cell: Any) -> str:
    options = field_.selection or {}
    for value, label in options.items():
        if str(cell) in {value, label}:
            return value
    text = f"Value '{cell}' not found in selection field '{field_.string}'"
    raise Refused(text, list(options.values()))


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
        raise Refused(text, _possible(relation))
    return int(found)


def _integer(field_: Field, cell: Any) -> int:
    try:
        return int(cell)
    except (TypeError, ValueError):
        text = f"'{cell}' does not seem to be an integer for field '{field_.string}'"
        raise Refused(text) from None


def _float(field_: Field, cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        text = f"'{cell}' does not seem to be a number for field '{field_.string}'"
        raise Refused(text) from None


def _date(field_: Field, cell: Any) -> Any:
    try:
        moment = datetime.fromisoformat(str(cell))
    except ValueError:
        text = f"'{cell}' does not seem to be a valid {field_.type} for field '{field_.string}'"
        raise Refused(text, "Use the format '2012-12-31'") from None
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
