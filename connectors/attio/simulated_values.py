"""How Attio stores, shows and compares values of attributes; pure."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

Stored: TypeAlias = dict[str, Any]
"""One value without its envelope, such as ``{"value": "Acme"}``."""

_SUFFIXES = PublicSuffixList()
_HOST = re.compile(r"[^\s/]+\.[^\s/]+")
_PLACE = (
    "line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode", "country_code",
    "latitude", "longitude",
)  # fmt: skip
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "$eq": operator.eq,
    "$in": lambda held, bound: held in bound,
    "$not_empty": lambda _held, _bound: True,
    "$contains": lambda held, bound: str(bound).lower() in str(held).lower(),
    "$starts_with": lambda held, bound: str(held).lower().startswith(str(bound).lower()),
    "$ends_with": lambda held, bound: str(held).lower().endswith(str(bound).lower()),
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_IMPLICIT = {"domain": "domain", "location": "locality"}


class BadValueError(Exception):
    """A value that the attribute refuses; the server answers 400 with this text."""


class BadFilterError(Exception):
    """A filter that the server does not understand."""


def stored(kind: str, slug: str, given: Any) -> Stored:
    """A value as it is kept.

    Raises:
        BadValueError: the attribute does not take it.
    """
    plain = given.get("value", given.get("domain")) if isinstance(given, dict) else given
    match kind:
        case "domain":
            return _stored_domain(slug, plain)
        case "number" if isinstance(plain, int | float) and not isinstance(plain, bool):
            return {"value": plain}
        case "text" | "timestamp" if isinstance(plain, str):
            return {"value": plain}
        case "location":
            return _stored_place(slug, given)
        case "select":
            raise BadValueError(f'Cannot find select attribute with select option title "{plain}".')
    raise BadValueError(f'Invalid value was passed to attribute with slug "{slug}".')


def _stored_domain(slug: str, plain: Any) -> Stored:
    text = str(plain).strip().lower()
    host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    if not _HOST.fullmatch(host):
        raise BadValueError(f'Invalid domain was passed to attribute with slug "{slug}".')
    return {"domain": host, "root_domain": _SUFFIXES.privatesuffix(host) or host}


def _stored_place(slug: str, given: Any) -> Stored:
    if isinstance(given, str):
        parts = [part.strip() for part in given.split(",")]
        return dict.fromkeys(_PLACE) | {"locality": parts[0], "region": ", ".join(parts[1:])}
    if not isinstance(given, dict) or set(given) != set(_PLACE):
        text = f'Every property of the location attribute with slug "{slug}" must be passed.'
        raise BadValueError(text)
    return dict(given)


def shown(kind: str, value: Stored, *, since: str, actor: str) -> Stored:
    """A value in its envelope, as it is read."""
    return {
        "active_from": since,
        "active_until": None,
        "created_by_actor": {"type": actor, "id": "50cf242c-7fa3-4cad-87d0-75b1af71c57b"},
        "attribute_type": kind,
        **value,
    }


def passes(
    record: Mapping[str, list[Stored]], wanted: Mapping[str, Any], kinds: Mapping[str, str]
) -> bool:
    """Whether the record passes a filter in Attio's language.

    Raises:
        BadFilterError: there is no such attribute or operator.
    """
    # Every part is looked at, so that a bad one is refused wherever it stands.
    found = [_one_passes(record, slug, test, kinds) for slug, test in wanted.items()]
    return all(found)


def _one_passes(
    record: Mapping[str, list[Stored]], slug: str, test: Any, kinds: Mapping[str, str]
) -> bool:
    if slug in ("$and", "$or"):
        parts = [passes(record, one, kinds) for one in test]
        return all(parts) if slug == "$and" else any(parts)
    if slug == "$not":
        return not passes(record, test, kinds)
    if slug not in kinds:
        raise BadFilterError(f'Unknown attribute slug: "{slug}".')
    field = _IMPLICIT.get(kinds[slug], "value")
    if isinstance(test, dict) and not set(test) <= set(_COMPARISONS):
        ((field, test),) = test.items()
        if field.startswith("$"):
            raise BadFilterError(f"Unknown operator {field}.")
    tests = test if isinstance(test, dict) else {"$eq": test}
    return any(
        all(_compares(value.get(field), sign, bound) for sign, bound in tests.items())
        for value in record.get(slug, [])
    )


def _compares(held: Any, sign: str, bound: Any) -> bool:
    if sign not in _COMPARISONS:
        raise BadFilterError(f"Unknown operator {sign}.")
    if held is None:
        return False
    return bool(_COMPARISONS[sign](held, bound))
