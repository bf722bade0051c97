"""Searching, reading and writing records, as Odoo's object layer does it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from connectors.odoo.simulated.access import User
from connectors.odoo.simulated.domains import compile_domain, names_field, sort_rows
from connectors.odoo.simulated.errors import (
    builtin,
    integrity,
    invalid_field,
    missing,
    validation_error,
)
from connectors.odoo.simulated.schema import DATA, PARTNER, Field, model_fields
from connectors.odoo.simulated.tables import Row, Tables, external_name

_ORDERS = {
    PARTNER: "complete_name asc, id desc",
    DATA: "module, model, name",
    "res.country": "name",
    "ir.module.module": "sequence, name",
}
_NAME_FIELDS = frozenset({"complete_name", "display_name", "contact_address_inline"})
_LISTS = frozenset({"one2many", "many2many"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """Who calls, in which context, and when the transaction started."""

    user: User
    now: datetime
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Orm:
    """The database of one Odoo, without HTTP."""

    tables: Tables = field(default_factory=Tables)
    fields: dict[str, dict[str, Field]] = field(default_factory=model_fields)
    random: Random = field(default_factory=Random)
    forbidden_names: set[str] = field(default_factory=set)
    """Names of contacts that a module of the customer's refuses."""
    conflicts: int = 0
    """So many of the next ``load()`` calls lose against a transaction nobody else saw."""

    def search(
        self,
        env: Env,
        model: str,
        domain: Sequence[Any],
        *,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Row]:
        """The rows that match; a limit of 0 is none.

        Raises:
            OdooError: no right, an unknown field, a bad value.
        """
        env.user.check(model, "read")
        fields = self.fields[model]
        test = compile_domain(domain, model=model, fields=fields, now=env.now, value_of=self.stored)
        hide = env.context.get("active_test") is not False and not names_field(domain, "active")
        archivable = "active" in fields and hide
        rows = [
            row
            for row in self.tables.visible(model, env.now)
            if test(row) and not (archivable and not row.get("active"))
        ]
        if order is not None or model in _ORDERS:
            chosen = order or _ORDERS[model]
            rows = sort_rows(rows, chosen, model=model, fields=fields, value_of=self.stored)
        return rows[offset : offset + limit if limit else None]

    def read(self, model: str, rows: Iterable[Row], names: Sequence[str] | None) -> list[Row]:
        """The rows' fields as JSON; ``id`` is always among them.

        Raises:
            OdooError: an unknown field.
        """
        fields = self.fields[model]
        wanted = list(names or fields)
        for name in wanted:
            if name not in fields:
                raise invalid_field(model, name)
        return [
            {name: self._shown(fields[name], row) for name in dict.fromkeys(["id", *wanted])}
            for row in rows
        ]

    def existing(self, env: Env, model: str, ids: Iterable[int]) -> list[Row]:
        """The rows with these ids, without those that are gone or not committed yet."""
        rows = (self.tables.get(model, record_id) for record_id in ids)
        return [
            row
            for row in rows
            if row is not None and self.tables.hidden.get((model, row["id"]), env.now) <= env.now
        ]

    def required(self, env: Env, model: str, ids: Iterable[int]) -> list[Row]:
        """The rows with these ids.

        Raises:
            OdooError: one is gone.
        """
        for record_id in ids:
            if self.tables.get(model, record_id) is None:
                raise missing(model, record_id, env.user.uid)
        return self.existing(env, model, ids)

    def create(self, env: Env, model: str, values: Row) -> Row:
        """A new record.

        Raises:
            OdooError: no right, an unknown field, a value or a lack that the database refuses.
        """
        env.user.check(model, "create")
        checked = self._checked(model, values, in_create=True)
        row = {
            "id": self.tables.take_id(model),
            "active": True,
            "type": "contact",
            "create_date": env.now,
            "create_uid": env.user.uid,
            "write_date": env.now,
            "write_uid": env.user.uid,
            **checked,
        }
        self._check_constraints(model, row)
        return self.tables.insert(model, row)

    def write(self, env: Env, model: str, rows: Iterable[Row], values: Row) -> None:
        """Change records; ``write_date`` moves even where nothing else does.

        Raises:
            OdooError: as ``create``.
        """
        env.user.check(model, "write")
        checked = self._checked(model, values, in_create=False)
        for row in rows:
            self._check_constraints(model, {**row, **checked})
            stamped = {**checked, "write_date": env.now, "write_uid": env.user.uid}
            self.tables.update(model, row, stamped)

    def unlink(self, env: Env, model: str, rows: Iterable[Row]) -> None:
        """Delete records for good, their external ids with them.

        Raises:
            OdooError: no right.
        """
        env.user.check(model, "unlink")
        for row in list(rows):
            for external in self.externals(model, [row["id"]]):
                self.tables.delete(DATA, external)
            self.tables.delete(model, row)

    def name_record(
        self,
        env: Env,
        row_id: int,
        module: str,
        name: str,
        target: tuple[str, int],
        noupdate: bool,
    ) -> Row:
        """A new external id for a record; nobody needs a right for this inside of Odoo.

        Raises:
            OdooError: the name is taken or has a space.
        """
        model, record_id = target
        row: Row = {
            "id": row_id,
            "module": module,
            "name": name,
            "model": model,
            "res_id": record_id,
            "noupdate": noupdate,
            "create_date": env.now,
            "write_date": env.now,
        }
        self._check_external(row)
        return self.tables.insert(DATA, row)

    def externals(self, model: str, ids: Iterable[int]) -> list[Row]:
        """The rows of ``ir.model.data`` that point to these records, oldest first."""
        wanted = frozenset(ids)
        return [
            row
            for _, row in sorted(self.tables.rows[DATA].items())
            if row["model"] == model and row["res_id"] in wanted
        ]

    def stored(self, row: Row, name: str) -> Any:
        """A field as the database holds it; None: nothing."""
        if name == "complete_name" and "module" in row:
            return external_name(row)
        return row.get("name" if name in _NAME_FIELDS else name)

    def display(self, model: str | None, record_id: int) -> str:
        """The name by which a record is shown in others."""
        row = self.tables.get(model or "", record_id)
        return str(row["name"]) if row is not None else f"{model},{record_id}"

    def _shown(self, field_: Field, row: Row) -> Any:
        value = self.stored(row, field_.name)
        if field_.type in _LISTS:
            return value or []
        if field_.type in {"integer", "float"}:
            return value or 0
        if value is None:
            return False
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        if field_.type == "many2one":
            return [value, self.display(field_.relation, value)]
        return value

    def _checked(self, model: str, values: Row, *, in_create: bool) -> Row:
        fields = self.fields[model]
        checked: Row = {}
        for name, value in values.items():
            if name not in fields:
                raise invalid_field(model, name)
            checked[name] = _column(model, fields[name], value)
        if model == PARTNER and checked.get("website"):
            checked["website"] = clean_website(checked["website"])
        return checked if in_create else {k: v for k, v in checked.items() if k != "id"}

    def _check_constraints(self, model: str, row: Row) -> None:
        if model == PARTNER:
            if row.get("name") in self.forbidden_names:
                raise validation_error(f"Contacts may not be called {row['name']}.")
            if row.get("name") is None and row.get("type") == "contact":
                raise integrity("Contacts require a name", loading="'Contacts require a name'")
            country = row.get("country_id")
            if country is not None and self.tables.get("res.country", country) is None:
                raise integrity(
                    "another model requires the record being deleted. If possible, archive it "
                    "instead.\n\nModel: Contact (res.partner)\nConstraint: "
                    "res_partner_country_id_fkey\n"
                )
        if model == DATA:
            self._check_external(row)

    def _check_external(self, row: Row) -> None:
        taken = self.tables.external(external_name(row), seen_only=False)
        if taken is not None and taken["id"] != row["id"]:
            raise integrity(
                "duplicate key value violates unique constraint "
                '"ir_model_data_module_name_uniq_index"\nDETAIL:  Key (module, name)='
                f"({row['module']}, {row['name']}) already exists.\n"
            )
        if " " in row["name"]:
            raise integrity("External IDs cannot contain spaces", loading=_no_spaces(row))


def _column(model: str, field_: Field, value: Any) -> Any:
    """A value as it is stored.

    Raises:
        OdooError: the field refuses it.
    """
    if field_.type == "boolean":
        return bool(value)
    if value is None or value is False:
        return None
    if field_.selection is not None and value not in field_.selection:
        raise builtin("ValueError", f"Wrong value for {model}.{field_.name}: {value!r}")
    if field_.type == "html" and not str(value).lstrip().startswith("<"):
        return f"<p>{value}</p>"
    if field_.type in {"integer", "many2one"}:
        return int(value)
    return value


def clean_website(website: str) -> str:
    """An address without a scheme gets ``http://``; nothing else is changed."""
    scheme, separator, _ = website.partition("://")
    return website if separator and scheme.isalpha() else f"http://{website}"


def _no_spaces(row: Row) -> str:
    moment = row["create_date"].strftime("%Y-%m-%d %H:%M:%S.%f")
    return (
        'new row for relation "ir_model_data" violates check constraint '
        '"ir_model_data_name_nospaces"\nDETAIL:  Failing row contains '
        f"({row['id']}, null, {moment}, {moment}, null, {row['res_id']}, f, {row['name']}, "
        f"{row['module']}, {row['model']}).\n"
    )
