"""The options of ``[connectors.NAME]`` with ``type = "twenty"``."""

from pydantic import Field

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import HttpConnectorOptions
from connectors.twenty.payloads import new_mapping

CLOUD = "https://api.twenty.com"


class TwentyOptions(HttpConnectorOptions):
    """``base_url`` is the server's address as people open it, or the vendor's cloud."""

    base_url: str = CLOUD
    requests_per_minute: float = Field(default=100, gt=0)
    """The vendor's limit; a server of one's own may allow more."""

    @property
    def server_url(self) -> str:
        """What stands before ``/rest`` and ``/graphql``."""
        return self.base_url.rstrip("/").removesuffix("/rest").rstrip("/")

    def field_mapping(self) -> FieldMapping:
        """The default mapping with ``mapping`` over it.

        Raises:
            ValueError: a bad template, or a property that is the connector's own business.
        """
        return new_mapping(self.mapping)
