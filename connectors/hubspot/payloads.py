"""HubSpot's JSON, to and from our values; pure and quick, since a listing has millions of rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import orjson

from connectors.hubspot.refusals import context_values
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at

Json: TypeAlias = dict[str, Any]

MODIFIED = "hs_lastmodifieddate"
OBJECT_ID = "hs_object_id"
MERGED = "hs_merged_object_ids"
READ_PROPERTIES = (
    "domain",
    "hs_additional_domains",
    "website",
    "name",
    "country",
    "city",
    "industry",
    "numberofemployees",
    "description",
    MERGED,
    "createdate",
    MODIFIED,
)
SEARCH_PAGE = 200
SEARCH_BODY = 3_000
"""A search's body has at most so many characters (HubSpot's search guide)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def parse_record(raw: Json, key_property: str) -> CrmRecord:
    """One company. HubSpot sends null for a property without value, or leaves it out."""
    get = raw["properties"].get
    domain, website, more = get("domain"), get("website"), get("hs_additional_domains")
    websites = [domain] if domain else []
    if more:
        websites += [each for each in more.split(";") if each]
    if website:
        websites.append(website)
    merged = get(MERGED)
    record_id = raw["id"]
    return CrmRecord(
        record_id=record_id,
        name=get("name") or "",
        websites=tuple(dict.fromkeys(websites)),
        key=get(key_property) or None,
        country=get("country"),
        city=get("city"),
        industry=get("industry"),
        size=get("numberofemployees"),
        description=get("description"),
        created_at=parse_moment(raw["createdAt"]),
        modified_at=parse_moment(get(MODIFIED) or raw["updatedAt"]),
        merged_ids=merged_ids(merged, record_id) if merged else (),
    )


def merged_ids(text: str, survivor_id: str) -> tuple[str, ...]:
    """The records that were merged into one, from its ``hs_merged_object_ids``."""
    return tuple(each for each in text.split(";") if each and each != survivor_id)


def parse_moment(text: str) -> datetime:
    """ISO text with an offset or ``Z``, or milliseconds since 1970, as both occur."""
    if text.isdigit():
        return _EPOCH + int(text) * _MILLISECOND
    return datetime.fromisoformat(text)


def milliseconds(moment: datetime) -> int:
    """A moment as search filters want it; parts of a millisecond are cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The moment so many milliseconds after 1970."""
    return _EPOCH + value * _MILLISECOND


def search_body(
    filter_groups: Sequence[Sequence[Json]], *, properties: Sequence[str], sort: str, after: str
) -> Json:
    """A search for companies that match every filter of any group."""
    return {
        "filterGroups": [{"filters": list(filters)} for filters in filter_groups],
        "sorts": [sort],
        "properties": list(properties),
        "limit": SEARCH_PAGE,
        "after": after,
    }


def domain_filters(domains: Sequence[str]) -> list[list[Json]]:
    """Filter groups for the companies with any of these domains, in the usual spellings.

    HubSpot compares text of ``IN`` exactly and wants lower case (its search guide).
    """
    hosts = [spelling for domain in domains for spelling in (domain, f"www.{domain}")]
    urls = [f"{scheme}://{host}{end}" for host in hosts for scheme in ("https", "http")
            for end in ("", "/")]  # fmt: skip
    return [
        [_one_of("domain", hosts)],
        [_one_of("hs_additional_domains", hosts)],
        [_one_of("website", [*hosts, *urls])],
    ]


def _one_of(name: str, values: Sequence[str]) -> Json:
    return {"propertyName": name, "operator": "IN", "values": list(values)}


def domain_searches(domains: Iterable[str], properties: Sequence[str]) -> Iterator[Json]:
    """As few searches as fit HubSpot's limit of 3,000 characters, together for all domains."""
    chunk: list[str] = []
    for domain in domains:
        if chunk and len(orjson.dumps(_by_domains([*chunk, domain], properties))) > SEARCH_BODY:
            yield _by_domains(chunk, properties)
            chunk = []
        chunk.append(domain)
    if chunk:
        yield _by_domains(chunk, properties)


def _by_domains(domains: Sequence[str], properties: Sequence[str]) -> Json:
    filters = domain_filters(domains)
    return search_body(filters, properties=properties, sort=OBJECT_ID, after="0")


def match_company(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record has the company's key, or a website on its domain."""
    if record.key is not None and record.key.casefold() == company.key.casefold():
        return True
    return has_website_at(record, company.domain)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReply:
    """A batch's answer, sorted by trace id, never by position.

    ``errors`` without a known trace id or key are in ``stray``.
    """

    results: Mapping[str, Json]
    errors: Mapping[str, Json]
    stray: tuple[Json, ...] = ()


def sort_batch(body: Json, *, keys: Mapping[str, str], key_property: str) -> BatchReply:
    """Find out which item each result and error belongs to.

    ``keys`` maps our key to the trace id of its item. HubSpot echoes ``objectWriteTraceId``; where
    a result has none, the key among its properties tells.
    """
    traces = set(keys.values())
    results: dict[str, Json] = {}
    for each in body.get("results", []):
        trace = each.get("objectWriteTraceId")
        if trace not in traces:
            trace = keys.get(each.get("properties", {}).get(key_property) or "")
        if trace is not None:
            results[trace] = each
    errors: dict[str, Json] = {}
    stray: list[Json] = []
    for each in body.get("errors", []):
        owner = next((trace for trace in _owners(each, keys) if trace in traces), None)
        if owner is None:
            stray.append(each)
        else:
            errors[owner] = each
    return BatchReply(results=results, errors=errors, stray=tuple(stray))


def _owners(error: Json, keys: Mapping[str, str]) -> Iterator[str]:
    yield from context_values(error, "objectWriteTraceId")
    for name in ("id", "ids"):
        yield from (keys[value] for value in context_values(error, name) if value in keys)
