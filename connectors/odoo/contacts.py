"""Reading contacts: pages by id, by our external ids, by domain; and what fields there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.odoo.answers import Row, rows_of, table_of
from connectors.odoo.fields import KEY_FIELD, MODULE, Schema, external_id, external_name
from connectors.odoo.options import OdooOptions
from connectors.odoo.reading import (
    COMPANIES,
    FIELDS,
    STAMP,
    Domain,
    after_id,
    by_domains,
    parse_moment,
    to_record,
)
from connectors.odoo.rpc import OdooServer
from connectors.sdk.chunks import chunks
from connectors.sdk.faults import BadCredentials, Permanent
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at

PARTNER = "res.partner"
CONTEXT: Mapping[str, Any] = {"active_test": False, "lang": "en_US"}
"""Archived contacts are held too; texts and countries come in one language."""
_COMPANIES_A_QUERY = 50
_IDS_A_QUERY = 500


class Contacts:
    """The contacts of one Odoo, as far as they are read."""

    def __init__(self, server: OdooServer, options: OdooOptions) -> None:
        self._server = server
        self._page_size = options.page_size
        self._email_is_domain = options.email_is_domain
        self._schema: Schema | None = None
        self.may_read_external_ids = True
        """False once Odoo refused: then they are read contact by contact."""

    @property
    def schema(self) -> Schema:
        """What fields and countries there are; asked for once.

        Raises:
            Fault: it could not be found out.
        """
        if self._schema is None:
            self._schema = self.refresh_schema()
        return self._schema

    def refresh_schema(self) -> Schema:
        """Ask again what fields and countries there are."""
        told = self._server.call(
            PARTNER, "fields_get", named={"attributes": ["type"], "context": CONTEXT}
        )
        fields = table_of(told, of="fields")
        rows = self._ask("res.country", [], ["name", "code"], of="countries")
        countries = {str(row["code"]).casefold(): row["name"] for row in rows}
        countries |= {str(row["name"]).casefold(): row["name"] for row in rows}
        types = {name: str(field.get("type", "")) for name, field in fields.items()}
        self._schema = Schema(types=types, countries=countries)
        return self._schema

    def list_by_id(self, domain: Domain, last_id: int) -> Iterator[tuple[list[Row], bool]]:
        """Pages of what matches beyond ``last_id``, each with whether more may follow.

        By id, since that is the only order in which no contact moves while one pages.

        Raises:
            Permanent: the server repeats itself.
        """
        more = True
        while more:
            rows = self._search(after_id(domain, last_id), limit=self._page_size)
            more = len(rows) >= self._page_size
            if rows and min(row["id"] for row in rows) <= last_id:
                text = (
                    f"Odoo gave contacts up to id {last_id} a second time; the listing has no end"
                )
                raise Permanent("pagination_loop", text)
            if rows:
                last_id = max(row["id"] for row in rows)
            yield rows, more

    def latest_stamp(self) -> datetime | None:
        """The latest ``write_date`` of any company that is committed."""
        order = f"{STAMP} desc, id desc"
        rows = self._ask(PARTNER, COMPANIES, [STAMP], limit=1, order=order)
        return parse_moment(rows[0][STAMP]) if rows else None

    def read(self, ids: Iterable[int]) -> dict[int, Row]:
        """The contacts with these ids; those that are gone, or not for this user, are left out."""
        found: dict[int, Row] = {}
        for part in chunks(list(dict.fromkeys(ids)), _IDS_A_QUERY):
            rows = self._search([["id", "in", list(part)]], limit=None)
            found |= {row["id"]: row for row in rows}
        return found

    def record_of(self, row: Row, *, key: str | None = None) -> CrmRecord:
        """A contact as the daemon wants it."""
        return to_record(row, email_is_domain=self._email_is_domain, key=key)

    def find_by_key(self, companies: Sequence[CompanyRef]) -> dict[str, Row]:
        """Our key → the contact that our external id points to, where there is one."""
        ids: dict[str, int] = {}
        for some in chunks(companies, _COMPANIES_A_QUERY):
            ids |= self._ids_by_key(some)
        rows = self.read(ids.values())
        return {key: rows[record_id] for key, record_id in ids.items() if record_id in rows}

    def find_by_domain(self, companies: Sequence[CompanyRef]) -> list[Row]:
        """The contacts on the companies' domains."""
        found: dict[int, Row] = {}
        for some in chunks(companies, _COMPANIES_A_QUERY):
            domain = by_domains(some, email_is_domain=self._email_is_domain)
            for row in self._list(domain):
                if any(has_website_at(self.record_of(row), each.domain) for each in some):
                    found[row["id"]] = row
        return list(found.values())

    def _ids_by_key(self, companies: Sequence[CompanyRef]) -> dict[str, int]:
        if self.may_read_external_ids:
            try:
                return self._ids_from_table(companies)
            except BadCredentials as fault:
                if fault.code != "forbidden":
                    raise
                self.may_read_external_ids = False
        return self._ids_from_contacts(companies)

    def _ids_from_table(self, companies: Sequence[CompanyRef]) -> dict[str, int]:
        keys = {external_name(company.key): company.key for company in companies}
        domain = [["module", "=", MODULE], ["model", "=", PARTNER], ["name", "in", list(keys)]]
        rows = self._ask("ir.model.data", domain, ["name", "res_id"], of="external ids")
        return {keys[row["name"]]: row["res_id"] for row in rows if row["name"] in keys}

    def _ids_from_contacts(self, companies: Sequence[CompanyRef]) -> dict[str, int]:
        """Without the right to read the table, look at the contacts that may be the companies."""
        ids = [row["id"] for row in self._candidates(companies)]
        keys = {external_id(company.key): company.key for company in companies}
        found: dict[str, int] = {}
        for part in chunks(ids, _IDS_A_QUERY):
            told_of = self._server.call(PARTNER, "get_metadata", ids=part)
            for told in rows_of(told_of, of="contacts"):
                names = [each.get("xmlid") for each in told.get("xmlids") or [told]]
                found |= {keys[name]: told["id"] for name in names if name in keys}
        return found

    def _candidates(self, companies: Sequence[CompanyRef]) -> Iterator[Row]:
        yield from self.find_by_domain(companies)
        yield from self._list([["name", "in", [company.name for company in companies]]])
        if KEY_FIELD in self.schema.types:
            yield from self._list([[KEY_FIELD, "in", [company.key for company in companies]]])

    def _list(self, domain: Domain | None) -> Iterator[Row]:
        if domain is not None:
            for rows, _ in self.list_by_id(domain, 0):
                yield from rows

    def _search(self, domain: Domain, *, limit: int | None) -> list[Row]:
        own = KEY_FIELD in self.schema.types
        try:
            return self._search_fields(domain, limit, own=own)
        except Permanent:
            if not own or KEY_FIELD in self.refresh_schema().types:
                raise
        return self._search_fields(domain, limit, own=False)  # somebody took our field away

    def _search_fields(self, domain: Domain, limit: int | None, *, own: bool) -> list[Row]:
        known = self.schema.types
        fields = [name for name in FIELDS if name in known] + [STAMP, *([KEY_FIELD] if own else [])]
        return self._ask(PARTNER, domain, fields, limit=limit, order="id asc")

    def _ask(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: str | None = None,
        of: str = "contacts",
    ) -> list[Row]:
        bounds = {"limit": limit, "order": order}
        asked = {name: value for name, value in bounds.items() if value is not None}
        named = {"fields": list(fields), "context": CONTEXT, **asked}
        answer = self._server.call(model, "search_read", args={"domain": domain}, named=named)
        return rows_of(answer, of=of)
