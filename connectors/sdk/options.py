"""The options that every connector has in ``config.toml``; each connector adds its own."""

import re
from datetime import timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from connectors.sdk.mapping import FieldMapping

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def parse_duration(value: object) -> timedelta:
    """``"250ms"``, ``"10s"``, ``"15m"``, ``"24h"`` or ``"7d"`` as a timedelta.

    Raises:
        ValueError: the text is none of these.
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        message = 'a duration is a number and a unit, as in "250ms", "10s", "15m", "24h" or "7d"'
        raise ValueError(message)
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def check_time_zone(name: str) -> str:
    """See that there is such a time zone.

    Raises:
        ValueError: there is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name is an OSError
        message = f'"{name}" is not a time zone; names look like "Europe/Berlin"'
        raise ValueError(message) from None
    return name


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
TimeZoneName = Annotated[str, AfterValidator(check_time_zone)]


class ConnectorOptions(BaseModel):
    """What ``[connectors.NAME]`` may hold for any connector; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    mirror_every: Duration = timedelta(minutes=15)
    sweep_every: Duration = timedelta(hours=24)
    mirror_max_age: Duration = timedelta(hours=1)
    max_shrink: float = Field(default=0.2, ge=0, le=1)
    """A sweep that would remove more than this share of the records is held for a person."""
    recreate_deleted: bool = False
    """Create a company again that a person deleted or merged away in the CRM."""
    mapping: dict[str, str] = Field(default_factory=dict)
    """CRM property → template over the result's fields; "" leaves a default property out."""

    @model_validator(mode="after")
    def _check_mapping(self) -> Self:
        self.field_mapping()
        return self

    def field_mapping(self) -> FieldMapping:
        """The connector's default mapping with ``mapping`` over it; each connector has its own.

        Raises:
            ValueError: a template is wrong, or names what the connector writes itself.
        """
        return FieldMapping.merged({}, self.mapping)


class SessionOptions(ConnectorOptions):
    """Options of a connector that talks HTTP."""

    timeout: Duration = timedelta(seconds=30)
    requests_per_second: float | None = Field(default=None, gt=0)
    """Own ceiling below the vendor's; None: the vendor's published limit."""


class HttpConnectorOptions(SessionOptions):
    """Options of a connector that talks HTTP with one token."""

    base_url: str
    token_env: str | None = None
    token_file: str | None = None
