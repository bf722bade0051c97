"""From a company as Twenty shows it to a record; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.sdk.records import CrmRecord
from connectors.twenty.identity import record_id_of
from connectors.twenty.payloads import KEY_FIELD


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A company that was found; ``in_bin`` when a person deleted it."""

    record: CrmRecord
    in_bin: bool


def as_found(node: Mapping[str, Any]) -> Found:
    """The company and whether it is soft-deleted."""
    return Found(record=as_record(node), in_bin=node.get("deletedAt") is not None)


def as_record(node: Mapping[str, Any]) -> CrmRecord:
    """The company; whatever is missing or of another shape is left out."""
    address = _mapping(node.get("address"))
    employees = node.get("employees")
    return CrmRecord(
        record_id=str(node.get("id")),
        name=_text(node.get("name")) or "",
        websites=tuple(_addresses(node)),
        key=_key(node),
        country=_text(address.get("addressCountry")),
        city=_text(address.get("addressCity")),
        size=None if employees is None else str(employees),
        created_at=_moment(node.get("createdAt")),
        modified_at=_moment(node.get("updatedAt")),
    )


def _key(node: Mapping[str, Any]) -> str | None:
    """Our key, believed only where it belongs to the id: people can change and copy the field."""
    key = _text(node.get(KEY_FIELD))
    return key if key is not None and record_id_of(key) == node.get("id") else None


def _addresses(node: Mapping[str, Any]) -> Iterator[str]:
    links = _mapping(node.get("domainName"))
    secondary = links.get("secondaryLinks")
    others = secondary if isinstance(secondary, list) else []
    for value in (links.get("primaryLinkUrl"), *(_mapping(each).get("url") for each in others)):
        if (address := _text(value)) is not None:
            yield address


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except ValueError:
        return None
