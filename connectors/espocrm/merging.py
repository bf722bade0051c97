"""What a record takes over from one that is merged into it; pure."""

from collections.abc import Mapping
from typing import Any

TAKEN_OVER = (
    "website",
    "type",
    "industry",
    "description",
    "billingAddressStreet",
    "billingAddressCity",
    "billingAddressState",
    "billingAddressCountry",
    "billingAddressPostalCode",
)


def merged_attributes(
    survivor: Mapping[str, Any], lost: Mapping[str, Any], *, own_fields: tuple[str, ...]
) -> dict[str, Any]:
    """The lost record's values for those fields that the survivor has empty.

    EspoCRM itself moves what is linked, addresses of mail and telephone numbers, but no field.
    """
    return {
        name: lost[name]
        for name in (*TAKEN_OVER, *own_fields)
        if survivor.get(name) in (None, "") and lost.get(name) not in (None, "")
    }
