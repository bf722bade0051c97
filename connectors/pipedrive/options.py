"""The options of ``[connectors.NAME]`` with ``type = "pipedrive"``."""

from pydantic import Field

from connectors.pipedrive.fields import new_mapping
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import HttpConnectorOptions, TimeZoneName


class PipedriveOptions(HttpConnectorOptions):
    """One Pipedrive account; the token is one user's personal API token."""

    type: str = "pipedrive"
    base_url: str = "https://api.pipedrive.com"
    """Or the account's own address, such as ``https://acme.pipedrive.com``."""
    key_field: str = Field(default="Prospectd key", min_length=1, max_length=255)
    """Name (or 40-digit key) of the custom text field that holds our key of a company."""
    website_field: str = Field(default="website", min_length=1, max_length=255)
    """Code or name of the field that holds the website."""
    page_size: int = Field(default=500, ge=1, le=500)
    budget_timezone: TimeZoneName = "UTC"
    """The time zone in whose midnight Pipedrive's daily token budget starts anew."""
    keep_tokens: int = Field(default=0, ge=0)
    """So many of the day's tokens are left to the account's other integrations."""

    @property
    def api_url(self) -> str:
        """Where version 2 of the API is."""
        return f"{self.base_url.rstrip('/').removesuffix('/api/v2')}/api/v2"

    def field_mapping(self) -> FieldMapping:
        """The default mapping with ``mapping`` over it."""
        return new_mapping(self.mapping, key_field=self.key_field)
