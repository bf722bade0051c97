"""Long keys in short fields."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.keys import fit_key


@given(st.text(max_size=300), st.sampled_from([100, 255]), st.sampled_from([32, 64]))
def test_keys_fit_and_stay_apart(key: str, length: int, digits: int) -> None:
    """A key of any length fits, and two that begin alike stay different."""
    fitted = fit_key(key, length, digits=digits)
    assert len(fitted) == min(len(key), length)
    assert fitted != fit_key(key + "x", length, digits=digits)


@pytest.mark.parametrize("digits", [32, 64])
def test_what_a_crm_holds_is_found_for_ever(digits: int) -> None:
    """The form of a long key never changes: records are found by it."""
    key = "name:" + "a" * 300
    expected = "name:" + "a" * (249 - digits) + "~" + sha256(key.encode()).hexdigest()[:digits]
    assert fit_key(key, 255, digits=digits) == expected
    assert fit_key("name:a", 255, digits=digits) == "name:a"
