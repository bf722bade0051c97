"""Organizations as Pipedrive lists them, and whether one is a certain company; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors.pipedrive.fields import Field, Fields, custom_codes
from connectors.sdk.keys import fit_key
from connectors.sdk.mapping import as_text
from connectors.sdk.records import CompanyRef, CrmRecord
from connectors.sdk.websites import has_website_at

Row: TypeAlias = Mapping[str, Any]
KEY_LENGTH = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """In which fields of this account stands what we read; several where names are not unique."""

    keys: tuple[Field, ...] = ()
    websites: tuple[Field, ...] = ()
    sizes: tuple[Field, ...] = ()

    @classmethod
    def of(cls, fields: Fields, *, key_field: str, website_field: str) -> "Layout":
        """The layout of an account with these fields."""
        return cls(
            keys=fields.named(key_field),
            websites=fields.named(website_field),
            sizes=(*fields.named("employee_count"), *fields.named("Prospectd employees")),
        )

    def params(self) -> dict[str, str]:
        """What a listing has to ask for, so that replies hold it."""
        used = (*self.keys, *self.websites, *self.sizes)
        asked = [one.code for one in used if one.is_optional and not one.is_custom]
        custom = custom_codes(used)
        return {
            **({"include_fields": ",".join(asked)} if asked else {}),
            **({"custom_fields": ",".join(custom)} if custom else {}),
        }


def as_record(row: Row, layout: Layout) -> CrmRecord:
    """Pipedrive's row as the daemon sees it."""
    address = row.get("address")
    place = address if isinstance(address, dict) else {}
    return CrmRecord(
        record_id=str(row["id"]),
        name=row.get("name") or "",
        websites=_texts(row, layout.websites),
        key=next(iter(_texts(row, layout.keys)), None),
        country=place.get("country") or None,
        city=place.get("locality") or place.get("value") or None,
        size=next(iter(_texts(row, layout.sizes)), None),
        created_at=parse_time(row.get("add_time")),
        modified_at=parse_time(row.get("update_time")),
    )


def _texts(row: Row, fields: Sequence[Field]) -> tuple[str, ...]:
    values = (value_of(row, one) for one in fields)
    texts = (as_text(value).strip() for value in values if isinstance(value, str | int | float))
    return tuple(text for text in texts if text)


def value_of(row: Row, field: Field) -> Any:
    """What a row holds in a field; None where the field is empty or was not told."""
    custom = row.get("custom_fields")
    holder = (custom if isinstance(custom, dict) else {}) if field.is_custom else row
    return holder.get(field.code)


def is_live(row: Row) -> bool:
    """Whether people can see it: reading a deleted one by its id still gives it."""
    return row.get("is_deleted") is not True


def parse_time(text: object) -> datetime | None:
    """Pipedrive's ``2026-11-21T17:25:25Z``, or with thousandths."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def time_text(moment: datetime) -> str:
    """A moment for ``updated_since``, which refuses fractions of a second: the second begun."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def stored_key(key: str) -> str:
    """Our key as it fits the field: a long one ends in its digest."""
    return fit_key(key, KEY_LENGTH)


def is_ours(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record has our key of the company, so that we created it."""
    return record.key is not None and record.key.casefold() == stored_key(company.key).casefold()


def is_company(record: CrmRecord, company: CompanyRef) -> bool:
    """Whether the record is the company: by our key, or by its website's domain."""
    return is_ours(record, company) or has_website_at(record, company.domain)


def oldest_first(records: Iterable[CrmRecord]) -> tuple[CrmRecord, ...]:
    """In the order of their making: ids are counted up."""
    return tuple(sorted(records, key=lambda one: int(one.record_id)))
