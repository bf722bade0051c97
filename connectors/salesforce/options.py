"""What ``[connectors.NAME]`` may hold for Salesforce."""

import re
from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from connectors.salesforce.promises import LONGEST_TRANSACTION
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import Duration, SessionOptions
from connectors.sdk.sizes import fewest_employees

DEFAULT_MAPPING = {
    "Name": "{name}",
    "Website": "{website}",
    "Description": "{description}",
    "BillingCountry": "{country}",
    "BillingState": "{state}",
    "BillingCity": "{city}",
    "NumberOfEmployees": "{employee_count}",
    "YearStarted": "{founding_year}",
    "Prospectd_Relevance__c": "{relevance}",
    "Prospectd_Search__c": "{search}",
    "Prospectd_Task__c": "{task_id}",
}
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,56}__c")
_ADDRESS = re.compile(r"https?://[^/?#]+/?")
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")


class SalesforceOptions(SessionOptions):
    """One Salesforce organisation."""

    type: str = "salesforce"
    base_url: str
    """The organisation's My Domain address: ``https://NAME.my.salesforce.com``."""
    client_id: str = Field(min_length=1)
    """The consumer key of the external client app; no secret by itself."""
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    api_version: str = Field(default="67.0", pattern=r"^[1-9]\d\.0$")
    key_field: str = "Prospectd_Key__c"
    """The unique external ID on Account that holds our key; created when it is missing."""
    duplicate_rules: Literal["heed", "bypass"] = "heed"
    """Whether the organisation's duplicate rules that only warn stop us as well."""
    reserve: float = Field(default=0.05, ge=0, lt=1)
    """The share of the organisation's daily requests that is left to others."""
    longest_transaction: Duration = LONGEST_TRANSACTION
    """How late another program's write may show after its own time stamp."""
    timeout: Duration = timedelta(seconds=60)

    @field_validator("base_url")
    @classmethod
    def _check_address(cls, value: str) -> str:
        if _ADDRESS.fullmatch(value) is None:
            message = (
                'base_url is an address without a path, as in "https://acme.my.salesforce.com"'
            )
            raise ValueError(message)
        if any(host in value for host in _LOGIN_HOSTS):
            message = (
                "client credentials work at the organisation's own address only: give its My "
                "Domain, as in https://acme.my.salesforce.com (Setup, My Domain)"
            )
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("key_field")
    @classmethod
    def _check_key_field(cls, value: str) -> str:
        if _FIELD_NAME.fullmatch(value) is None:
            message = "a custom field's name has letters, digits and _, and ends with __c"
            raise ValueError(message)
        return value

    def field_mapping(self) -> FieldMapping:
        """The default mapping with the operator's over it.

        Raises:
            ValueError: a template is wrong, or names the key's field.
        """
        return FieldMapping.merged(
            DEFAULT_MAPPING,
            self.mapping,
            converters={"NumberOfEmployees": fewest_employees},
            reserved={self.key_field, "Id"},
        )
