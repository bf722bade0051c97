"""The options of ``[connectors.NAME]`` with ``type = "espocrm"``."""

import re

from pydantic import Field, field_validator

from connectors.espocrm.fields import new_mapping
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import HttpConnectorOptions

_CUSTOM = re.compile(r"c[A-Z][A-Za-z0-9]{0,48}")


class EspoCrmOptions(HttpConnectorOptions):
    """``base_url`` is the address that people open in the browser, with or without ``/api/v1``.

    The token is an API user's key; with ``username`` it is that user's password instead, which is
    the only way to come as an administrator (API users never are one).
    """

    username: str | None = None
    key_field: str = "cProspectdKey"
    """The custom text field that holds our key of a company."""
    page_size: int = Field(default=200, ge=1, le=200)

    @field_validator("key_field")
    @classmethod
    def _check_key_field(cls, value: str) -> str:
        if not _CUSTOM.fullmatch(value):
            raise ValueError('a custom field of EspoCRM begins with "c" and a capital letter')
        return value

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return f"{self.base_url.rstrip('/').removesuffix('/api/v1')}/api/v1"

    def field_mapping(self) -> FieldMapping:
        """The default mapping with ``mapping`` over it."""
        return new_mapping(self.mapping, key_field=self.key_field)
