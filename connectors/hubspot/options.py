"""What ``[connectors.NAME]`` may hold for HubSpot."""

import re

from pydantic import Field, field_validator

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import HttpConnectorOptions, TimeZoneName
from connectors.sdk.sizes import fewest_employees

DEFAULT_MAPPING = {
    "name": "{name}",
    "domain": "{domain}",
    "website": "{website}",
    "description": "{description}",
    "country": "{country}",
    "state": "{state}",
    "city": "{city}",
    "numberofemployees": "{employee_count}",
    "founded_year": "{founding_year}",
    "prospectd_relevance": "{relevance}",
    "prospectd_search": "{search}",
    "prospectd_task": "{task_id}",
}
_PROPERTY_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


class HubSpotOptions(HttpConnectorOptions):
    """One HubSpot account."""

    type: str = "hubspot"
    base_url: str = "https://api.hubapi.com"
    api_version: str = Field(default="2026-03", pattern=r"^20\d\d-\d\d$")
    """HubSpot names its versions by date."""
    key_property: str = "prospectd_key"
    """The unique company property that holds our key; created when it is missing."""
    timezone: TimeZoneName = "UTC"
    """The account's time zone: its daily limit starts anew at midnight there."""

    @field_validator("key_property")
    @classmethod
    def _check_key_property(cls, value: str) -> str:
        if _PROPERTY_NAME.fullmatch(value) is None or value.startswith("hs_"):
            message = "a property's name has lower-case letters, digits and _, and not hs_ in front"
            raise ValueError(message)
        return value

    def field_mapping(self) -> FieldMapping:
        """The default mapping with the operator's over it.

        Raises:
            ValueError: a template is wrong, or names the key's property.
        """
        return FieldMapping.merged(
            DEFAULT_MAPPING,
            self.mapping,
            converters={"numberofemployees": fewest_employees},
            reserved={self.key_property},
        )
