"""The companies that a batch of results could be, under whatever name, read at once."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from daemon.db.rows import HeldRecord, PushRow
from daemon.db.store import Transaction
from daemon.domain.blocking import blocking_keys
from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.documents import Document, Subject, document_of
from daemon.domain.identities import identity_keys, site_keys
from daemon.domain.matching import Verdict
from daemon.services.landings import Landings

SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A found company with the id of its row.

    ``leads_to`` is where its website leads; ``aliases`` are all other domains that redirects tell.
    """

    company_id: int
    found: FoundCompany
    identity: Identity
    leads_to: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(slots=True)
class KnownCompanies:
    """Candidates by blocking key; what the batch itself queues is added as it goes on."""

    verdicts: Mapping[tuple[str, str], Verdict]
    landings: Landings
    _records: dict[str, dict[str, list[HeldRecord]]] = field(default_factory=dict)
    _queued: dict[str, dict[str, list[tuple[int, KnownCompany]]]] = field(default_factory=dict)
    _superseded: set[str] = field(default_factory=set)

    @classmethod
    def read(
        cls,
        unit: Transaction,
        sought: Sequence[Sought],
        connectors: Sequence[str],
        landings: Landings,
    ) -> "KnownCompanies":
        """Everything that one of these companies could be."""
        ours = {key for one in sought for key in identity_keys(one.found)}
        verdicts = unit.verdicts.about(ours)
        theirs = {key for pair in verdicts for key in pair}
        keys = {key for one in sought for key in keys_of(one)} | {f"d:{key}" for key in theirs}
        known = cls(verdicts, landings)
        for key, record in unit.documents.records_with(connectors, keys):
            known._records.setdefault(record.connector, {}).setdefault(key, []).append(record)
        found = unit.documents.companies_with(keys)
        ids = sorted({row.id for _, row in found})
        for connector in connectors:
            pushes = unit.pushes.of_companies(connector, ids)
            for key, row in found:
                push = pushes.get(row.id)
                if push is not None and push.reason != SUPERSEDED:
                    company = KnownCompany(
                        identity=row.key,
                        domains=_site(row.key),
                        leads_to=landings.of_known(_site(row.key)),
                        name=row.name,
                        country=row.country,
                        city=row.city,
                        profile_id=row.profile_id,
                        extra={"push": str(push.id)},
                    )
                    known._add(connector, key, row.id, company)
        return known

    def records(self, sought: Sought, connector: str) -> list[HeldRecord]:
        """Live records of a CRM that this company could be, each once."""
        by_key = self._records.get(connector, {})
        found = {
            record.record_id: record
            for key in self._keys(sought)
            for record in by_key.get(key, ())
            if record.deleted_at is None
        }
        return list(found.values())

    def queued(self, sought: Sought, connector: str) -> list[KnownCompany]:
        """Other companies, on their way to a CRM or there through us, that this one could be."""
        by_key = self._queued.get(connector, {})
        found = {
            company_id: company
            for key in self._keys(sought)
            for company_id, company in by_key.get(key, ())
            if company_id != sought.company_id and company.extra["push"] not in self._superseded
        }
        return list(found.values())

    def add(self, sought: Sought, push: PushRow) -> None:
        """From now on this company is on its way."""
        company = KnownCompany(
            identity=sought.identity.key,
            domains=site_keys(sought.identity),
            leads_to=() if sought.leads_to is None else (sought.leads_to,),
            name=sought.found.name,
            country=sought.found.country,
            city=sought.found.city,
            profile_id=sought.found.profile_id,
            extra={"push": str(push.id)},
        )
        for key in keys_of(sought):
            self._add(push.connector, key, sought.company_id, company)

    def forget(self, push: PushRow) -> None:
        """This push was superseded: it is the same company, under the key that it had before."""
        self._superseded.add(str(push.id))

    def _add(self, connector: str, key: str, company_id: int, company: KnownCompany) -> None:
        by_key = self._queued.setdefault(connector, {})
        by_key.setdefault(key, []).append((company_id, company))

    def _keys(self, sought: Sought) -> Iterable[str]:
        yield from keys_of(sought)
        ours = set(identity_keys(sought.found))
        for pair in self.verdicts:
            if not ours.isdisjoint(pair):
                yield from (f"d:{key}" for key in pair)


def held_company(record: HeldRecord, landings: Landings) -> KnownCompany:
    """A CRM's record, live or gone, as matching sees it."""
    gone = {} if record.deleted_at is None else {"gone": "deleted or merged in the CRM"}
    return KnownCompany(
        identity=record.domains[0] if record.domains else f"record:{record.record_id}",
        domains=record.domains,
        leads_to=landings.of_known(record.domains),
        name=record.name,
        connector=record.connector,
        record_id=record.record_id,
        country=record.country,
        city=record.city,
        extra=gone,
    )


def keys_of(sought: Sought) -> tuple[str, ...]:
    """The keys under which a found company's doubles are looked for."""
    keys = dict.fromkeys(blocking_keys(sought.found, sought.identity))
    keys |= dict.fromkeys(f"d:{alias}" for alias in sought.aliases)
    return tuple(keys)


def index_found(unit: Transaction, sought: Sequence[Sought]) -> None:
    """Index found companies, as far as they are new or changed."""
    documents = {-one.company_id: _document(one) for one in sought}
    have = unit.documents.fingerprints(list(documents))
    unit.documents.save([one for one in documents.values() if have.get(one.id) != one.fingerprint])


def _document(sought: Sought) -> Document:
    found = sought.found
    subject = Subject(
        name=found.name,
        domains=site_keys(sought.identity),
        country=found.country,
        city=found.city,
        description=found.description,
        profile_id=found.profile_id,
    )
    told = "\x1f".join(map(str, (subject.name, subject.domains, subject.country, subject.city)))
    told += f"\x1f{subject.description}\x1f{subject.profile_id}"
    mark = hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
    return document_of(-sought.company_id, subject, mark)


def _site(key: str) -> tuple[str, ...]:
    return () if key.startswith(("extruct:", "name:")) else (key,)
