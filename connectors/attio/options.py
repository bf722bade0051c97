"""The options of ``[connectors.NAME]`` with ``type = "attio"``."""

import re

from pydantic import Field, field_validator

from connectors.attio.attributes import new_mapping
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import HttpConnectorOptions

_SLUG = re.compile(r"[a-z][a-z0-9_-]*")


class AttioOptions(HttpConnectorOptions):
    """The token is an access token of one workspace."""

    base_url: str = "https://api.attio.com"
    key_attribute: str = "prospectd_key"
    """The unique text attribute of companies that holds our key."""
    page_size: int = Field(default=500, ge=2, le=500)

    @field_validator("key_attribute")
    @classmethod
    def _check_key_attribute(cls, value: str) -> str:
        if not _SLUG.fullmatch(value):
            raise ValueError("a slug of Attio has small letters, digits and _ only")
        return value

    def field_mapping(self) -> FieldMapping:
        """The default mapping with ``mapping`` over it."""
        return new_mapping(self.mapping, key_attribute=self.key_attribute)
