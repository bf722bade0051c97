"""Finding companies by our id and by any spelling of their domain, the bin included."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.sdk.chunks import chunks
from connectors.sdk.faults import Permanent
from connectors.sdk.pagination import Page, follow
from connectors.sdk.records import CompanyRef
from connectors.twenty.api import Listed, TwentyApi
from connectors.twenty.identity import (
    host_of_company,
    is_record_id,
    leads_to,
    record_id_of,
)
from connectors.twenty.payloads import KEY_FIELD
from connectors.twenty.promises import BATCH_SIZE
from connectors.twenty.queries import DATE_TYPES, Condition, any_of, find_query, in_bin_since
from connectors.twenty.reading import Found, as_found

_COMPANIES_PER_QUERY = 10
"""Each asks for six patterns; so a query stays small."""


@dataclass(slots=True, kw_only=True)
class Finder:
    """Looks in Twenty. ``shows_key`` says whether companies have our key's field.

    ``forget_schema`` is called when that turns out to be no longer so.
    """

    api: TwentyApi
    shows_key: bool
    forget_schema: Callable[[], None]

    def find_companies(
        self, companies: Sequence[CompanyRef], *, with_bin: bool
    ) -> list[list[Found]]:
        """For each company its own record and all that have its domain, in order."""
        found: list[list[Found]] = []
        for chunk in chunks(companies, _COMPANIES_PER_QUERY):
            ids = [record_id_of(company.key) for company in chunk]
            hosts = [host for each in chunk if (host := host_of_company(each)) is not None]
            every = list(self.read_all(any_of(ids, hosts, with_bin=with_bin)))
            found += [sort_out(company, every) for company in chunk]
        return found

    def find_ids(self, ids: Sequence[str], *, with_bin: bool) -> dict[str, Found]:
        """What has these ids; what cannot be an id is not asked for."""
        wanted = sorted({record_id for record_id in ids if is_record_id(record_id)})
        found: dict[str, Found] = {}
        for chunk in chunks(wanted, BATCH_SIZE):
            every = self.read_all(any_of(chunk, (), with_bin=with_bin))
            found |= {one.record.record_id: one for one in every}
        return found

    def read_all(self, condition: Condition) -> Iterator[Found]:
        """Every company that passes a condition."""
        pages = follow(
            lambda after: self._fetch_page(condition, after),
            None,
            identify=lambda found: found.record.record_id,
        )
        for page in pages:
            yield from page.items

    def read_bin(self, since: datetime, after: str | None) -> Iterator[Page[Found, str]]:
        """Pages of what a person deleted at that moment or later, in the order of ids."""
        return follow(
            lambda cursor: self._fetch_bin_page(since, cursor),
            after,
            identify=lambda found: found.record.record_id,
        )

    def _fetch_bin_page(self, since: datetime, after: str | None) -> Page[Found, str]:
        old, new = DATE_TYPES
        try:
            return self._fetch_page(in_bin_since(since, old), after)
        except Permanent as refused:
            try:
                return self._fetch_page(in_bin_since(since, new), after)
            except Permanent:
                raise refused from None

    def _fetch_page(self, condition: Condition, after: str | None) -> Page[Found, str]:
        try:
            listed = self._ask(condition, after)
        except Permanent as refused:
            if not self.shows_key or KEY_FIELD not in refused.message:
                raise
            self.shows_key = False  # somebody has just removed the field
            self.forget_schema()
            listed = self._ask(condition, after)
        items = tuple(as_found(node) for node in listed.companies)
        return Page(items=items, next_cursor=listed.next_cursor)

    def _ask(self, condition: Condition, after: str | None) -> Listed:
        query = find_query(condition, fields=(KEY_FIELD,) if self.shows_key else ())
        return self.api.find(query, {"n": BATCH_SIZE, "a": after, **condition.values})


def sort_out(company: CompanyRef, found: Sequence[Found]) -> list[Found]:
    """Those that are this company: by its id, or by an address of its host; the oldest first."""
    own, host = record_id_of(company.key), host_of_company(company)
    chosen = [
        replace(one, record=replace(one.record, key=company.key))
        if one.record.record_id == own
        else one
        for one in found
        if one.record.record_id == own or (host is not None and _has_host(one, host))
    ]
    return sorted(chosen, key=_age)


def _has_host(found: Found, host: str) -> bool:
    return any(leads_to(website, host) for website in found.record.websites)


def _age(found: Found) -> tuple[str, str]:
    made = found.record.created_at
    return ("" if made is None else made.isoformat(), found.record.record_id)
