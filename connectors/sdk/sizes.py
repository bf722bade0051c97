"""Head counts: from the search's LinkedIn-style bucket to a number, or to a CRM's own bucket."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.sdk.mapping import Converter
from connectors.sdk.records import FieldValue

_RANGE = re.compile(r"(?:SIZE_)?(\d+)\s*(?:[-_\u2013]|to)\s*(\d+)", re.IGNORECASE)
_OPEN = re.compile(r"(?:SIZE_)?(\d+)\s*(?:\+|_PLUS)", re.IGNORECASE)
_EXACT = re.compile(r"(?:SIZE_)?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRange:
    """From ``low`` to ``high`` people, both included; ``high`` None: no upper end."""

    low: int
    high: int | None


def parse_size(value: FieldValue) -> SizeRange | None:
    """``"51-200"``, ``"SIZE_51_200"``, ``"10001+"``, ``"SIZE_10000_PLUS"`` or a number."""
    if value is None or isinstance(value, bool):
        return None
    text = str(int(value) if isinstance(value, float) else value).replace(",", "").strip()
    if found := _RANGE.fullmatch(text):
        return SizeRange(low=int(found[1]), high=int(found[2]))
    if found := _OPEN.fullmatch(text):
        return SizeRange(low=int(found[1]), high=None)
    if found := _EXACT.fullmatch(text):
        return SizeRange(low=int(found[1]), high=int(found[1]))
    return None


def fewest_employees(value: FieldValue) -> FieldValue:
    """The lower end of the bucket, for a CRM whose head count is a number: it is certainly true."""
    size = parse_size(value)
    return None if size is None else size.low


def bucket_converter(buckets: Mapping[str, SizeRange]) -> Converter:
    """A converter to the CRM's own buckets: the one that overlaps most; none: left out."""

    def convert(value: FieldValue) -> FieldValue:
        size = parse_size(value)
        if size is None:
            return None
        shared = {label: _overlap(size, bucket) for label, bucket in buckets.items()}
        best = max(shared, key=lambda label: shared[label], default=None)
        return best if best is not None and shared[best] > 0 else None

    return convert


def _overlap(one: SizeRange, bucket: SizeRange) -> float:
    """Head counts of ``one`` that are in the bucket; an open one ends at twice its start."""
    high = one.low * 2 if one.high is None else one.high
    top = high if bucket.high is None else min(high, bucket.high)
    return max(0, top - max(one.low, bucket.low) + 1)
