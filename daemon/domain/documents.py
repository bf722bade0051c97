"""What is indexed of a known company: a text for likeness, and keys for finding its doubles."""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.domain.blocking import blocking_keys_of_record
from daemon.domain.countries import normalise_country
from daemon.domain.rules_version import rules_version

_LONGEST_TEXT = 2_000
_LONGEST_KEY = 600
_LONGEST_COUNTRY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """``bare`` is a company of which only names and places are known, not what it does.

    ``country`` is as :func:`~daemon.domain.countries.normalise_country` has it; "" is not known.

    A CRM's record has its row's id, a found company the id of its row with a minus. The
    ``fingerprint`` begins with the version of the rules that made the keys.
    """

    id: int
    fingerprint: str
    bare: bool
    country: str
    text: str
    blocking_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A known company as it is to be indexed; ``domains`` are identity keys of its websites."""

    name: str
    domains: Sequence[str]
    country: str | None = None
    city: str | None = None
    industry: str | None = None
    description: str | None = None
    profile_id: str | None = None


def document_of(document_id: int, subject: Subject, fingerprint: str) -> Document:
    """A company as it is indexed; ``fingerprint`` is that of what the subject was made of."""
    keys = blocking_keys_of_record(
        subject.name, subject.domains, subject.profile_id, subject.country, subject.city
    )
    told = " ".join(filter(None, (subject.industry, subject.description)))
    labels = " ".join(_label(domain) for domain in subject.domains)
    places = " ".join(filter(None, (subject.country, subject.city)))
    return Document(
        id=document_id,
        fingerprint=rules_version() + fingerprint,
        bare=not told.strip(),
        country=normalise_country(subject.country)[:_LONGEST_COUNTRY],
        text=" ".join(filter(None, (subject.name, labels, told, places)))[:_LONGEST_TEXT],
        blocking_keys=tuple(key for key in keys if len(key) <= _LONGEST_KEY),
    )


def _label(domain: str) -> str:
    """The words in a domain's own label; other keys say nothing that the name does not."""
    return "" if ":" in domain else domain.partition(".")[0].replace("-", " ")
