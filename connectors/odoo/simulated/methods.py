"""The methods of the models that may be called from outside, by their Odoo names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.odoo.simulated.access import GROUP_IDS
from connectors.odoo.simulated.errors import builtin, integrity
from connectors.odoo.simulated.loading import load
from connectors.odoo.simulated.merging import merge_partners
from connectors.odoo.simulated.orm import Env, Orm
from connectors.odoo.simulated.schema import (
    ATTRIBUTES,
    DATA,
    FIELDS,
    PARTNER,
    WIZARD,
    Field,
)
from connectors.odoo.simulated.tables import Row

ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call on its way: the database, who calls, the model and the records' ids."""

    orm: Orm
    env: Env
    model: str
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A remote method: ``on_records`` takes ids first. ``gives_records``: JSON-2 shows ids."""

    function: Callable[..., Any]
    on_records: bool = False
    gives_records: bool = False


_FIRST = {"has_access": 18}
_LAST = {"check_access_rights": 18}
METHODS: dict[tuple[str, str], Method] = {}


def remote(
    *models: str, on_records: bool = False, gives_records: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a remote method of these models."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        method = Method(function=function, on_records=on_records, gives_records=gives_records)
        for model in models or (ANY,):
            METHODS[model, function.__name__] = method
        return function

    return register


def find_method(model: str, name: str, *, major: int) -> Method | None:
    """The method, if the model has it in this version."""
    if not _FIRST.get(name, 0) <= major <= _LAST.get(name, major):
        return None
    return METHODS.get((model, name)) or METHODS.get((ANY, name))


@remote()
def search(
    call: Call,
    domain: Sequence[Any],
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
) -> list[int]:
    """The ids of the records that match."""
    rows = call.orm.search(call.env, call.model, domain, offset=offset, limit=limit, order=order)
    return [row["id"] for row in rows]


@remote()
def search_count(call: Call, domain: Sequence[Any], limit: int | None = None) -> int:
    """How many records match."""
    return len(call.orm.search(call.env, call.model, domain, limit=limit))


@remote()
def search_read(
    call: Call,
    domain: Sequence[Any] = (),
    fields: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
) -> list[Row]:
    """The records that match, with these fields."""
    rows = call.orm.search(call.env, call.model, domain, offset=offset, limit=limit, order=order)
    return call.orm.read(call.model, rows, fields)


@remote(on_records=True)
def read(call: Call, fields: Sequence[str] | None = None) -> list[Row]:
    """The records with these ids, archived ones too; those that are gone are left out."""
    call.env.user.check(call.model, "read")
    rows = call.orm.existing(call.env, call.model, call.ids)
    return call.orm.read(call.model, rows, fields)


@remote(on_records=True)
def exists(call: Call) -> list[int]:
    """Which of the ids are still there."""
    return [row["id"] for row in call.orm.existing(call.env, call.model, call.ids)]


@remote(gives_records=True)
def create(call: Call, vals_list: Row | list[Row]) -> int | list[int]:
    """New records; one id for one dictionary, a list for a list."""
    if isinstance(vals_list, dict):
        return int(call.orm.create(call.env, call.model, vals_list)["id"])
    return [call.orm.create(call.env, call.model, each)["id"] for each in vals_list]


@remote(on_records=True)
def write(call: Call, vals: Row) -> bool:
    """Change records."""
    rows = call.orm.required(call.env, call.model, call.ids)
    call.orm.write(call.env, call.model, rows, vals)
    return True


@remote(on_records=True)
def unlink(call: Call) -> bool:
    """Delete records for good."""
    call.orm.unlink(call.env, call.model, call.orm.required(call.env, call.model, call.ids))
    return True


@remote()
def check_access_rights(call: Call, operation: str, raise_exception: bool = True) -> bool:
    """Whether the user may do this with the model (gone from Odoo 19 on)."""
    if raise_exception:
        call.env.user.check(call.model, operation)
    return call.env.user.may(call.model, operation)


@remote(on_records=True)
def has_access(call: Call, operation: str) -> bool:
    """Whether the user may do this with the model (from Odoo 18 on)."""
    return call.env.user.may(call.model, operation)


@remote()
def fields_get(
    call: Call, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
) -> Row:
    """The fields' definitions; unknown names are left out."""
    fields = call.orm.fields[call.model]
    wanted = [name for name in allfields or fields if name in fields]
    chosen = attributes or (*ATTRIBUTES, "relation", "selection")
    return {name: fields[name].describe(chosen) for name in wanted}


@remote(PARTNER, on_records=True)
def get_external_id(call: Call) -> Row:
    """The oldest external id of each record; no right on ``ir.model.data`` is needed."""
    found = dict.fromkeys((str(record_id) for record_id in call.ids), "")
    for row in call.orm.externals(call.model, call.ids):
        found[str(row["res_id"])] = found[str(row["res_id"])] or f"{row['module']}.{row['name']}"
    return found


@remote(PARTNER, on_records=True)
def get_metadata(call: Call) -> list[Row]:
    """Who made and changed each record, and all its external ids; needs no right on them."""
    columns = ["id", "create_uid", "create_date", "write_uid", "write_date"]
    shown = read(call, columns)
    for record in shown:
        externals = [
            {"xmlid": f"{row['module']}.{row['name']}", "noupdate": row["noupdate"]}
            for row in call.orm.externals(call.model, [record["id"]])
        ]
        first = externals[0] if externals else {"xmlid": False, "noupdate": False}
        record |= {**first, "xmlids": externals}
    return list(shown)


@remote(PARTNER, on_records=True)
def export_data(call: Call, fields_to_export: Sequence[str]) -> Row:
    """Rows of text; the column ``id`` gives an external id to records that have none."""
    rows = call.orm.required(call.env, call.model, call.ids)
    return {"datas": [list(_exported(call, row, fields_to_export)) for row in rows]}


def _exported(call: Call, row: Row, columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        if column == ".id":
            yield str(row["id"])
        elif column == "id":
            yield _export_name(call, row)
        else:
            yield str(call.orm.read(call.model, [row], [column])[0][column] or "")


def _export_name(call: Call, row: Row) -> str:
    held = call.orm.externals(call.model, [row["id"]])
    if held:
        return f"{held[0]['module']}.{held[0]['name']}"
    table = call.model.replace(".", "_")
    name = f"{table}_{row['id']}_{call.orm.random.getrandbits(32):08x}"
    taken = call.orm.tables.take_id(DATA)
    call.orm.name_record(call.env, taken, "__export__", name, (call.model, row["id"]), False)
    return f"__export__.{name}"


@remote("res.users")
def has_group(call: Call, group_ext_id: str) -> bool:
    """Whether the user is in a group."""
    return GROUP_IDS.get(group_ext_id, "") in call.env.user.groups


@remote("res.users")
def context_get(call: Call) -> Row:
    """The user's own language and time zone, and, from Odoo 14 on, the user's id."""
    return {"lang": "en_US", "tz": "UTC", "uid": call.env.user.uid}


@remote(WIZARD, on_records=True)
def action_merge(call: Call) -> Row:
    """Merge the wizard's contacts into its destination."""
    (wizard,) = call.orm.required(call.env, WIZARD, call.ids)
    ((_, _, partner_ids),) = wizard["partner_ids"]
    merge_partners(call.orm, call.env, partner_ids, wizard["dst_partner_id"])
    return {
        "type": "ir.actions.act_window",
        "res_model": WIZARD,
        "res_id": wizard["id"],
        "view_mode": "form",
        "target": "new",
    }


def _load(call: Call, fields: Sequence[str], data: Sequence[Any]) -> Row:
    return load(call.orm, call.env, call.model, fields, data)


def _create_field(call: Call, vals_list: Row | list[Row]) -> int | list[int]:
    """A custom field: it begins with ``x_``, and the model has it from then on."""
    call.env.user.check("ir.model", "read")
    if isinstance(vals_list, list):
        return [int(_create_field(call, each)) for each in vals_list]  # type: ignore[arg-type]
    name = vals_list["name"]
    if not name.startswith("x_"):
        raise integrity("Custom fields must have a name that starts with 'x_'!")
    model = call.orm.tables.rows["ir.model"][vals_list["model_id"]]["model"]
    if name in call.orm.fields[model]:
        raise integrity("Field names must be unique per model.")
    known = {key: value for key, value in vals_list.items() if key in call.orm.fields[FIELDS]}
    created = call.orm.create(call.env, FIELDS, known)
    call.orm.fields[model][name] = Field(
        name=name,
        type=vals_list["ttype"],
        string=vals_list["field_description"],
        manual=True,
    )
    return int(created["id"])


def unknown_method(model: str, name: str) -> Exception:
    """What Odoo 17 says of a method that the model does not have."""
    text = f"The method '{name}' does not exist on the model '{model}'"
    return builtin("AttributeError", text)


METHODS[PARTNER, "load"] = Method(function=_load)
METHODS[FIELDS, "create"] = Method(function=_create_field, gives_records=True)
