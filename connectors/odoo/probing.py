"""What an Odoo must have for us, and what an administrator must do where it has not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.odoo.contacts import PARTNER, Contacts
from connectors.odoo.fields import KEY_FIELD, OWN_FIELDS, OwnField, Schema
from connectors.odoo.rpc import OdooServer, major
from connectors.sdk.faults import BadCredentials, Permanent
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.protocol import Finding, Level

WIZARD = "base.partner.merge.automatic.wizard"
_FIRST_HAS_ACCESS = 18
_NEEDED_FIELDS = ("name", "is_company", "website", "active", "write_date")


class Rights:
    """What the user may do, asked of Odoo itself."""

    def __init__(self, server: OdooServer) -> None:
        self._server = server

    def may(self, model: str, operation: str) -> bool:
        """Whether the user has the right ``read``, ``create``, ``write`` or ``unlink``."""
        if self._asks_the_new_way():
            asked = {"operation": operation}
            return bool(self._server.call(model, "has_access", args=asked, ids=[]))
        return bool(
            self._server.call(
                model,
                "check_access_rights",
                args={"operation": operation},
                named={"raise_exception": False},
            )
        )

    def may_create_contacts(self) -> bool:
        """Whether companies can be pushed at all."""
        return self.may(PARTNER, "create")

    def _asks_the_new_way(self) -> bool:
        if self._server.speaks_json2:
            return True
        version = self._server.version or self._server.ask_version()
        return major(version) >= _FIRST_HAS_ACCESS


class Prober:
    """Looks at one Odoo, and adds our fields where it may."""

    def __init__(
        self, server: OdooServer, contacts: Contacts, mapping: FieldMapping, rights: Rights
    ) -> None:
        self._server = server
        self._contacts = contacts
        self._mapping = mapping
        self._rights = rights
        self.may_merge = True

    def probe(self) -> list[Finding]:
        """Address, database, login, rights and fields; changes nothing."""
        try:
            return list(self._look())
        except BadCredentials as fault:
            remedy = (
                "in Odoo: Preferences, Account Security, New API Key; put the key into the "
                "environment variable that token_env names; login is that user's e-mail address"
            )
            return [Finding(level=Level.PROBLEM, text=fault.message, remedy=remedy)]

    def ensure_schema(self) -> list[Finding]:
        """Add our fields to contacts where they are missing and the user may."""
        missing = self._missing(self._contacts.refresh_schema())
        if missing and self._rights.may("ir.model.fields", "create"):
            self._add_all(missing)
            missing = self._missing(self._contacts.refresh_schema())
        if missing:
            return [_tell_missing(missing)]
        return [Finding(level=Level.OK, text="contacts have the fields of prospectd")]

    def _look(self) -> Iterator[Finding]:
        way = "JSON-2" if self._server.speaks_json2 else "/jsonrpc"
        schema = self._contacts.refresh_schema()
        version = f"Odoo {self._server.version}" if self._server.version else "Odoo"
        yield Finding(level=Level.OK, text=f"{version} accepts the login; spoken is {way}")
        yield from self._check_rights()
        yield from _check_fields(schema, self._mapping)
        missing = self._missing(schema)
        if missing:
            yield _tell_missing(missing)

    def _check_rights(self) -> Iterator[Finding]:
        for operation, why in (("read", "mirror companies"), ("create", "push companies")):
            if not self._rights.may(PARTNER, operation):
                yield Finding(
                    level=Level.PROBLEM,
                    text=f"the user may not {operation} contacts, so nothing can {why}",
                    remedy='give the user the right "Contact Creation" (Settings, Users)',
                )
        self._contacts.may_read_external_ids = self._rights.may("ir.model.data", "read")
        if not self._contacts.may_read_external_ids:
            yield Finding(
                level=Level.WARNING,
                text=(
                    "the user may not read external ids (ir.model.data): no second record is made "
                    "all the same, but a pushed company whose name and website people changed is "
                    "not found again by its key"
                ),
                remedy=(
                    'give the user "Access Rights" under Administration, or add the field '
                    f"{KEY_FIELD} to contacts"
                ),
            )
        self.may_merge = self._rights.may(WIZARD, "create")

    def _missing(self, schema: Schema) -> list[OwnField]:
        used = {KEY_FIELD, *self._mapping.templates}
        return [own for own in OWN_FIELDS if own.name in used and own.name not in schema.types]

    def _add_all(self, missing: Sequence[OwnField]) -> None:
        """Add fields, in one call if it can be: Odoo reloads its registry after each."""
        (model_id,) = self._server.call(
            "ir.model", "search", args={"domain": [["model", "=", PARTNER]]}
        )
        definitions = [_definition(own, model_id) for own in missing]
        if not self._added(definitions) and len(definitions) > 1:
            for definition in definitions:
                self._added([definition])

    def _added(self, definitions: Sequence[Mapping[str, object]]) -> bool:
        """Whether Odoo took them. If not, one is there already, or refused: the next look tells.

        So a lost reply does no harm, and the call may be repeated.
        """
        try:
            self._server.call("ir.model.fields", "create", args={"vals_list": definitions})
        except Permanent:
            return False
        return True


def _definition(own: OwnField, model_id: int) -> Mapping[str, object]:
    return {
        "name": own.name,
        "model_id": model_id,
        "ttype": own.type,
        "field_description": own.label,
        "index": own.name == KEY_FIELD,
        "copied": False,
    }


def _check_fields(schema: Schema, mapping: FieldMapping) -> Iterator[Finding]:
    absent = [name for name in _NEEDED_FIELDS if name not in schema.types]
    if absent:
        names = ", ".join(absent)
        text = f"contacts lack {names}, which Odoo itself brings; is this database an Odoo?"
        yield Finding(level=Level.PROBLEM, text=text, remedy="check base_url and database")
    own = {field.name for field in OWN_FIELDS}
    for name in mapping.templates:
        if name not in own and not schema.has(name):
            yield Finding(
                level=Level.PROBLEM,
                text=f"mapping writes {name}, but contacts in Odoo have no such field",
                remedy=f"add the field in Odoo, or take mapping.{name} out of the configuration",
            )


def _tell_missing(missing: Iterable[OwnField]) -> Finding:
    wanted = "; ".join(f'{own.name}, label "{own.label}", type {own.type}' for own in missing)
    return Finding(
        level=Level.WARNING,
        text=(
            "contacts lack fields of prospectd; until they are added, their values stand in the "
            "notes of each new contact"
        ),
        remedy=(
            "an administrator adds them in developer mode under Settings, Technical, Fields, New, "
            f"with the model Contact: {wanted}; or take them out of the mapping"
        ),
    )


def merge_contacts(server: OdooServer, *, survivor_id: int, lost_id: int) -> None:
    """Merge by Odoo's own wizard.

    Raises:
        Permanent: Odoo refuses, for instance because their e-mail addresses differ.
        Ambiguous: it may have happened.
    """
    values = {
        "state": "selection",
        "partner_ids": [[6, 0, [survivor_id, lost_id]]],
        "dst_partner_id": survivor_id,
    }
    made = server.call(WIZARD, "create", args={"vals_list": [values]})
    server.call(
        WIZARD,
        "action_merge",
        ids=[made] if isinstance(made, int) else list(made),
        idempotent=False,
    )
