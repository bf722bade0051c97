"""The options of the webhook."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import ConnectorOptions, Duration, parse_duration
from connectors.sdk.records import FIELD_NAMES

DEFAULT_MAPPING: Mapping[str, str] = {name: f"{{{name}}}" for name in FIELD_NAMES}


class WebhookOptions(ConnectorOptions):
    """What ``[connectors.NAME]`` may hold for a webhook."""

    url: str
    """Where companies are sent to; https, except on this machine."""
    secret_env: str | None = None
    secret_file: str | None = None
    timeout: Duration = parse_duration("30s")
    requests_per_second: float = Field(default=10.0, gt=0)

    @field_validator("url")
    @classmethod
    def check_url(cls, url: str) -> str:
        """See that what is sent cannot be read on the way."""
        parts = urlsplit(url)
        if not parts.hostname or parts.scheme not in {"http", "https"}:
            raise ValueError("url must be an address, as in https://example.com/prospects")
        if parts.username is not None or parts.password is not None:
            raise ValueError("url must hold no user name or password; the signature is the proof")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("url must be https: only this machine may be reached without")
        return url

    def field_mapping(self) -> FieldMapping:
        """Name in ``data.fields`` → template.

        Raises:
            ValueError: a template is wrong.
        """
        return FieldMapping.merged(DEFAULT_MAPPING, self.mapping)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, as far as its spelling tells."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
