"""Which organizations may be a company: an index in memory, since Pipedrive cannot search websites.

Its search looks at custom fields, names, addresses and notes, by words or by the whole value; a
website in any other spelling, or in the standard field, is not found. A listing of what changed
costs 10 tokens, half of what one search costs, and shows everything.
"""

from collections.abc import Iterable

from connectors.pipedrive.organizations import stored_key
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import host_of, hosts_above


class CompanyIndex:
    """Ids by domain and by key. What is deleted stays until :meth:`forget`: check what it gives."""

    def __init__(self) -> None:
        self._marks: dict[str, tuple[str, ...]] = {}
        self._ids: dict[str, set[str]] = {}

    def take(self, records: Iterable[CrmRecord]) -> None:
        """Hold these records as they are now."""
        for record in records:
            self.forget(record.record_id)
            marks = tuple(dict.fromkeys(_marks_of(record)))
            if marks:
                self._marks[record.record_id] = marks
            for mark in marks:
                self._ids.setdefault(mark, set()).add(record.record_id)

    def forget(self, record_id: str) -> None:
        """Hold this record no longer."""
        for mark in self._marks.pop(record_id, ()):
            ids = self._ids[mark]
            ids.discard(record_id)
            if not ids:
                del self._ids[mark]

    def candidates(self, company: CompanyRef) -> set[str]:
        """Ids of what was the company when it was listed last."""
        by_key = self._ids.get(_key_mark(stored_key(company.key)), set())
        by_host = self._ids.get(company.domain, set()) if company.domain else set()
        return by_key | by_host


def _marks_of(record: CrmRecord) -> Iterable[str]:
    if record.key is not None:
        yield _key_mark(record.key)
    for website in record.websites:
        yield from hosts_above(host_of(website))


def _key_mark(key: str) -> str:
    # A host has no "=": a key can never be taken for one.
    return f"={key.casefold()}"
