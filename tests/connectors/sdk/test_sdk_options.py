"""What every connector's options refuse by themselves."""

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.sdk.options import ConnectorOptions, TimeZoneName


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin"])
def test_time_zones_are_taken(name: str) -> None:
    """A time zone's name stays as it is."""
    assert TypeAdapter(TimeZoneName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "Berlin", "Europe", "../UTC", "Europe/Berlin\0"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    """A folder of zones, a path and a typing error are told, with an example."""
    with pytest.raises(ValidationError, match="names look like"):
        TypeAdapter(TimeZoneName).validate_python(name)


def test_a_bad_template_is_refused_when_the_options_are_read() -> None:
    """No connector need check its mapping itself."""
    with pytest.raises(ValidationError, match="is not a field of a result"):
        ConnectorOptions(type="any", mapping={"name": "{nonsense}"})
