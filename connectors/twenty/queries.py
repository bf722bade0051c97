"""The GraphQL that this connector sends, in the forms that a real server was seen to answer; pure.

GraphQL shows what REST hides: soft-deleted companies, and many conditions in one request.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NODE = (
    "id name domainName{primaryLinkUrl secondaryLinks} employees "
    "address{addressCity addressCountry} createdAt updatedAt deletedAt"
)
_BIN = "{deletedAt:{is:NOT_NULL}}"
DATE_TYPES = ("Date", "DateTime")
"""The GraphQL type of a date in a filter: that of 0.55, and that of newer versions."""
_LIVE = "{deletedAt:{is:NULL}}"
_PLACES = ("{host}%", "%/{host}%", "%.{host}%")
"""A host at the beginning, behind the scheme, or below another name; so never amid a word."""
_SECONDARY_PLACES = ('%"{host}%', "%/{host}%", "%.{host}%")

COMPANY_FIELDS = (
    "query($i:UUID!){object(id:$i){fields(paging:{first:1000})"
    "{edges{node{id name type isUnique isCustom isActive}}}}}"
)
OBJECTS = "{objects(paging:{first:1000},filter:{}){edges{node{id nameSingular}}}}"
CREATE_FIELD = (
    "mutation($i:CreateOneFieldMetadataInput!){createOneField(input:$i){id name type isActive}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A filter, with the variables that it uses: name → GraphQL type, and name → value.

    Ids and dates go in variables: a date that stands in the text itself is read as null.
    """

    text: str
    types: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


def find_query(condition: Condition, *, fields: Sequence[str] = ()) -> str:
    """A page of companies that pass the condition, in the order of ids."""
    node = " ".join((NODE, *fields))
    types = {"n": "Int", "a": "String", **condition.types}
    variables = ",".join(f"${name}:{kind}" for name, kind in types.items())
    return (
        f"query({variables}){{companies(first:$n,after:$a,filter:{condition.text})"
        f"{{pageInfo{{hasNextPage endCursor}} edges{{node{{{node}}}}}}}}}"
    )


def in_bin_since(moment: datetime, date_type: str) -> Condition:
    """Soft-deleted companies that changed at that moment or later."""
    return Condition(
        text=f"{{and:[{_BIN},{{updatedAt:{{gte:$t}}}}]}}",
        types={"t": date_type},
        values={"t": stamp(moment)},
    )


def any_of(ids: Sequence[str], hosts: Sequence[str], *, with_bin: bool) -> Condition:
    """Companies with one of these ids, or with an address of one of these hosts.

    Some more may pass: their addresses must be looked at one by one.
    """
    parts = ["{id:{in:$i}}", *(part for host in hosts for part in _address_parts(host))]
    wanted = f"{{or:[{','.join(parts)}]}}"
    both = f",{{or:[{_LIVE},{_BIN}]}}" if with_bin else ""
    return Condition(
        text=f"{{and:[{wanted}{both}]}}", types={"i": "[UUID!]"}, values={"i": list(ids)}
    )


def stamp(moment: datetime) -> str:
    """The moment as Twenty writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _address_parts(host: str) -> list[str]:
    primary = [json.dumps(place.format(host=host)) for place in _PLACES]
    secondary = [json.dumps(place.format(host=host)) for place in _SECONDARY_PLACES]
    return [
        *(f"{{domainName:{{primaryLinkUrl:{{ilike:{each}}}}}}}" for each in primary),
        *(f"{{domainName:{{secondaryLinks:{{like:{each}}}}}}}" for each in secondary),
    ]
