"""Hosts in the texts that people type as websites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.records import CrmRecord
from connectors.sdk.websites import (
    ascii_host,
    has_website_at,
    host_of,
    hosts_above,
    is_at,
    spellings,
)


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("acme.com", "acme.com"),
        (" HTTPS://WWW.Acme.COM:443/Über?x=1#y ", "acme.com"),
        ("http://user:pw@shop.acme.com./", "shop.acme.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("//acme.com/x", "acme.com"),
        ("HTTPS://WWW.Acme.com:8443/x", "acme.com"),
        ("acme.com?utm=1", "acme.com"),
        ("https://müller.de./", "xn--mller-kva.de"),
        ("", ""),
        ("://", ""),
        ("http://[::1", ""),
        ("http://", ""),
        ("no host at all", "no host at all"),
        ("a..ü.example", "a..ü.example"),
    ],
)
def test_host_of(website: str, host: str) -> None:
    """A website's host is found whatever surrounds it; junk never raises."""
    assert host_of(website) == host


def test_hosts_above() -> None:
    """A host and those above it are listed, but no lone label."""
    assert list(hosts_above("a.b.co.uk")) == ["a.b.co.uk", "b.co.uk", "co.uk"]
    assert list(hosts_above("localhost")) == []


@pytest.mark.parametrize(
    ("website", "domain", "answer"),
    [
        ("https://shop.acme.com/x", "acme.com", True),
        ("notacme.com", "acme.com", False),
        ("acme.com.example.org", "acme.com", False),
        ("acme.com", None, False),
        ("https://www.de", "www.de", True),
        ("https://Shop.Bücher.example", "bücher.EXAMPLE", True),
    ],
)
def test_is_at(website: str, domain: str | None, answer: bool) -> None:
    """A website is at a domain by whole labels only."""
    assert is_at(website, domain) is answer


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("münchen.example", "xn--mnchen-3ya.example"),
        (" ACME.com.", "acme.com"),
        ("ß.example", "xn--zca.example"),
        ("Foo_Bar.example", "foo_bar.example"),
        ("..", ""),
    ],
)
def test_ascii_host(typed: str, host: str) -> None:
    """A host is written as the network does, in small letters."""
    assert ascii_host(typed) == host


def test_spellings() -> None:
    """A domain has its A-labels first, and its own letters where these differ."""
    assert spellings("Bücher.example") == ("xn--bcher-kva.example", "bücher.example")
    assert spellings("acme.com") == ("acme.com",)
    assert spellings("xn--a.example") == ("xn--a.example",)
    assert spellings(None) == ()


@given(st.text(max_size=60))
def test_any_text_may_stand_in_a_website(text: str) -> None:
    """Whatever people type, reading it never fails, and only hosts of the domain are at it."""
    host = host_of(text)
    record = CrmRecord(record_id="1", websites=("other.example", text))
    expected = host == "acme.com" or host.endswith(".acme.com")
    assert has_website_at(record, "acme.com") == expected
