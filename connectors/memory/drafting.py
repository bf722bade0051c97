"""From a company to be pushed to what the CRM in memory writes; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.memory.rows import Draft
from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.records import CrmRecord, PushItem

DEFAULT_MAPPING: Mapping[str, str] = {
    "name": "{name}",
    "website": "{website}",
    "description": "{description}",
    "country": "{country}",
    "city": "{city}",
    "size": "{employee_count}",
    "relevance": "{relevance}",
    "search": "{search}",
}
_STANDARD = frozenset({"name", "website", "description", "country", "city", "size", "industry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft, and what had to be left out of it."""

    draft: Draft
    warnings: tuple[str, ...]


def draft_company(item: PushItem, mapping: FieldMapping, *, longest_text: int | None) -> Drafted:
    """What to write for the item. A text that is too long is left out; a name is cut."""
    values = {name: as_text(value) for name, value in mapping.render(item).items()}
    title = values.pop("name", item.company.name)
    limit = longest_text or len(title)
    fitting = {name: text for name, text in values.items() if _fits(text, longest_text)}
    warnings = [
        f"{name}: left out, it has more than {longest_text} characters"
        for name in values
        if name not in fitting
    ]
    if len(title) > limit:
        warnings.append(f"name: cut to {limit} characters")
    website = fitting.get("website") or item.company.domain
    record = CrmRecord(
        record_id="",
        name=title[:limit],
        websites=(website,) if website else (),
        key=item.company.key,
        country=fitting.get("country"),
        city=fitting.get("city"),
        industry=fitting.get("industry"),
        size=fitting.get("size"),
        description=fitting.get("description"),
    )
    other = {name: text for name, text in fitting.items() if name not in _STANDARD}
    return Drafted(draft=Draft(record=record, properties=other), warnings=tuple(warnings))


def _fits(text: str, longest: int | None) -> bool:
    return longest is None or len(text) <= longest
