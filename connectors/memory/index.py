"""Finding records by key or by the host in a website, without reading them all."""

from collections import defaultdict
from collections.abc import Iterator

from connectors.sdk.records import CrmRecord
from connectors.sdk.websites import host_of, hosts_above


class CompanyIndex:
    """Ids of records by every key and host that they have or had; keys outlive a merge."""

    def __init__(self) -> None:
        self._by_key: dict[str, set[str]] = defaultdict(set)
        self._by_host: dict[str, set[str]] = defaultdict(set)

    def add(self, record: CrmRecord) -> None:
        """Remember what leads to the record."""
        if record.key is not None:
            self._by_key[record.key].add(record.record_id)
        for host in hosts_of(record):
            self._by_host[host].add(record.record_id)

    def forget(self, record_id: str) -> None:
        """The record is gone for good: its key and hosts are free."""
        for ids in (*self._by_key.values(), *self._by_host.values()):
            ids.discard(record_id)

    def hand_over(self, lost_id: str, survivor_id: str) -> None:
        """What led to the lost record leads to the survivor from now on."""
        for ids in (*self._by_key.values(), *self._by_host.values()):
            if lost_id in ids:
                ids.discard(lost_id)
                ids.add(survivor_id)

    def with_key(self, key: str | None) -> set[str]:
        """Ids of the records with this key."""
        return set() if key is None else set(self._by_key.get(key, ()))

    def with_domain(self, domain: str | None) -> set[str]:
        """Ids of the records that have, or had, a website at this domain or below it."""
        return set() if domain is None else set(self._by_host.get(domain, ()))


def hosts_of(record: CrmRecord) -> Iterator[str]:
    """The hosts of all websites, and every host above each."""
    for website in record.websites:
        yield from hosts_above(host_of(website))
