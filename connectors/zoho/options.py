"""The options of ``[connectors.NAME]`` with ``type = "zoho"``."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field, field_validator

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import SessionOptions
from connectors.zoho.fields import API_NAME, new_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCentre:
    """Where an organisation's data are, and where its tokens are given out."""

    api: str
    accounts: str


def _centre(api: str, accounts: str) -> DataCentre:
    return DataCentre(api=f"https://www.{api}", accounts=f"https://accounts.{accounts}")


DATA_CENTRES: Mapping[str, DataCentre] = {
    "us": _centre("zohoapis.com", "zoho.com"),
    "eu": _centre("zohoapis.eu", "zoho.eu"),
    "in": _centre("zohoapis.in", "zoho.in"),
    "au": _centre("zohoapis.com.au", "zoho.com.au"),
    "jp": _centre("zohoapis.jp", "zoho.jp"),
    "ca": _centre("zohoapis.ca", "zohocloud.ca"),
    "cn": _centre("zohoapis.com.cn", "zoho.com.cn"),
    "sa": _centre("zohoapis.sa", "zoho.sa"),
}
"""From Zoho's page "Multi DC support"; others are reached by ``base_url`` and ``accounts_url``."""


class ZohoOptions(SessionOptions):
    """One organisation of Zoho CRM, and a self client of its API console."""

    client_id: str
    """The self client's id; no secret."""
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    refresh_token_env: str | None = None
    refresh_token_file: str | None = None
    data_centre: str = "us"
    base_url: str | None = None
    """Instead of the data centre's address, such as ``https://sandbox.zohoapis.eu``."""
    accounts_url: str | None = None
    """Instead of the data centre's address for tokens."""
    key_field: str = "Prospectd_Key"
    """The unique text field of accounts that holds our key, by its API name."""
    page_size: int = Field(default=200, ge=2, le=200)

    @field_validator("data_centre")
    @classmethod
    def _check_data_centre(cls, value: str) -> str:
        if value not in DATA_CENTRES:
            known = ", ".join(DATA_CENTRES)
            raise ValueError(f'"{value}" is no data centre of Zoho; known are {known}')
        return value

    @field_validator("key_field")
    @classmethod
    def _check_key_field(cls, value: str) -> str:
        if API_NAME.fullmatch(value) is None:
            raise ValueError("an API name of Zoho has letters, digits and _, a letter first")
        return value

    def field_mapping(self) -> FieldMapping:
        """The default mapping with ``mapping`` over it.

        Raises:
            ValueError: a template is wrong, or names a field that is not for mapping.
        """
        return new_mapping(self.mapping, key_field=self.key_field)

    def api_address(self) -> str:
        """What stands before every path of the CRM's API."""
        return (self.base_url or DATA_CENTRES[self.data_centre].api).rstrip("/")

    def accounts_address(self) -> str:
        """What stands before the path of the token endpoint."""
        return (self.accounts_url or DATA_CENTRES[self.data_centre].accounts).rstrip("/")
