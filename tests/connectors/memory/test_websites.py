"""Hosts in the texts that people type as websites."""

import pytest

from connectors.sdk.websites import host_of, hosts_above, is_at


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("acme.com", "acme.com"),
        (" HTTPS://WWW.Acme.COM:443/Über?x=1#y ", "acme.com"),
        ("http://user:pw@shop.acme.com./", "shop.acme.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("//acme.com/x", "acme.com"),
        ("", ""),
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
    ],
)
def test_is_at(website: str, domain: str | None, answer: bool) -> None:
    """A website is at a domain by whole labels only."""
    assert is_at(website, domain) is answer
