from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.web_addresses import (
    Refusal,
    WebAddress,
    front_pages,
    is_public_address,
    read_location,
)

BASE = WebAddress(scheme="https", host="acme.com", port=443, target="/a/b?c=d")
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"]
NEVER = [
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "2a00:1450::5efe:10.0.0.1",
    "2a00:1450::200:5efe:10.0.0.1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
]
NOT_ADDRESSES = ["", "acme.com", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", " 1.1.1.1", "1.1.1"]


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_internet_are_public(text: str) -> None:
    """What anybody may ask is public."""
    assert is_public_address(text)


@pytest.mark.parametrize("text", NEVER + NOT_ADDRESSES)
def test_no_address_inside_is_public(text: str) -> None:
    """Private, special, and disguised addresses are not, nor is what is no address."""
    assert not is_public_address(text)


@given(st.ip_addresses(v=4))
def test_what_is_public_is_global_to_python_too(address: IPv4Address) -> None:
    """Our own ranges only take away from what Python calls global."""
    if is_public_address(str(address)):
        assert address.is_global
        inside = address.is_private or address.is_loopback or address.is_link_local
        special = address.is_multicast or address.is_reserved or address.is_unspecified
        assert not inside
        assert not special


@given(
    st.ip_addresses(v=4),
    st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "2001::", "::ffff:0:0:0"]),
)
def test_no_address_in_disguise_is_public(address: IPv4Address, prefix: str) -> None:
    """An IPv4 address inside an IPv6 one is refused, wherever it leads."""
    assert not is_public_address(str(IPv6Address(int(IPv6Address(prefix)) + int(address))))


@given(st.ip_addresses(v=4))
def test_no_6to4_address_is_public(address: IPv4Address) -> None:
    """Neither is one of 6to4, whose IPv4 address stands further ahead."""
    disguised = IPv6Address((0x2002 << 112) + (int(address) << 80) + 1)
    assert not is_public_address(str(disguised))


@given(st.ip_addresses(v=6, network="2000::/3"))
def test_public_addresses_of_version_6_are_given_out_ones(address: IPv6Address) -> None:
    """What is public there is global, and neither Teredo nor 6to4."""
    if is_public_address(str(address)):
        assert address.is_global
        assert address.teredo is None
        assert address.sixtofour is None


@given(st.text())
def test_no_text_breaks_the_question(text: str) -> None:
    """Whatever a name server or a test says, there is an answer."""
    assert is_public_address(text) in {True, False}


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("https://bigcorp.com", "https://bigcorp.com/"),
        ("HTTPS://BigCorp.COM:443/Path?q=1#part", "https://bigcorp.com/Path?q=1"),
        ("http://bigcorp.com:80/", "http://bigcorp.com/"),
        ("http://bigcorp.com:443/", "http://bigcorp.com:443/"),
        ("//bigcorp.com/x", "https://bigcorp.com/x"),
        ("/x", "https://acme.com/x"),
        ("x", "https://acme.com/a/x"),
        ("../x", "https://acme.com/x"),
        ("?x=1", "https://acme.com/a/b?x=1"),
        ("#part", "https://acme.com/a/b?c=d"),
        ("  /x  ", "https://acme.com/x"),
        ("https://bücher.example.com/ü ü", "https://xn--bcher-kva.example.com/%C3%BC%20%C3%BC"),
        ("https://acme.com./", "https://acme.com/"),
    ],
)
def test_locations_are_read_as_browsers_read_them(location: str, text: str) -> None:
    """Absolute and relative ones; the fragment is nobody's business."""
    address = read_location(BASE, location)
    assert isinstance(address, WebAddress)
    assert address.text == text


@pytest.mark.parametrize(
    ("location", "refusal"),
    [
        ("ftp://acme.com/", Refusal.SCHEME),
        ("javascript:alert(1)", Refusal.SCHEME),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("gopher://127.0.0.1:6379/_x", Refusal.SCHEME),
        ("https://user:secret@bigcorp.com/", Refusal.CREDENTIALS),
        ("https://acme.com@169.254.169.254/", Refusal.CREDENTIALS),
        ("https://@bigcorp.com/", Refusal.CREDENTIALS),
        ("https://bigcorp.com:8443/", Refusal.PORT),
        ("http://bigcorp.com:22/", Refusal.PORT),
        ("http://bigcorp.com:0/", Refusal.PORT),
        ("http://bigcorp.com:99999/", Refusal.MALFORMED),
        ("http://169.254.169.254/latest/meta-data/", Refusal.NO_NAME),
        ("http://8.8.8.8/", Refusal.NO_NAME),
        ("http://[::ffff:127.0.0.1]/", Refusal.NO_NAME),
        ("http://[::1]:80/", Refusal.NO_NAME),
        ("http://[fe80::1%25eth0]/", Refusal.NO_NAME),
        ("http://2130706433/", Refusal.NO_NAME),
        ("http://0x7f000001/", Refusal.NO_NAME),
        ("http://0x7f.0.0.1/", Refusal.NO_NAME),
        ("http://0177.0.0.1/", Refusal.NO_NAME),
        ("http://127.1/", Refusal.NO_NAME),
        ("http://127.0.0.1./", Refusal.NO_NAME),
        ("http://①②⑦.0.0.1/", Refusal.NO_NAME),
        ("http://localhost/", Refusal.NO_NAME),
        ("http://metadata/", Refusal.NO_NAME),
        ("http://metadata.google.internal/", Refusal.NO_NAME),
        ("http://printer.local/", Refusal.NO_NAME),
        ("http:///x", Refusal.MALFORMED),
        ("http://[::1/", Refusal.MALFORMED),
        ("http://acme.com\\@127.0.0.1/", Refusal.MALFORMED),
        ("http://acme.com/\r\nHost: other", Refusal.MALFORMED),
        ("http://a_b-.%31.com/", Refusal.MALFORMED),
        ("http://-acme..com/", Refusal.MALFORMED),
        ("https://acme.com/" + "x" * 5_000, Refusal.MALFORMED),
    ],
)
def test_what_may_not_be_asked_is_refused(location: str, refusal: Refusal) -> None:
    """No other protocol, port or credentials; no address in any spelling; no name inside."""
    assert read_location(BASE, location) is refusal


@given(st.ip_addresses(v=4), st.sampled_from(["{}", "0x{:x}", "0{:o}"]), st.booleans())
def test_no_spelling_of_an_address_is_asked(
    address: IPv4Address, spelling: str, whole: bool
) -> None:
    """Decimal, hexadecimal and octal, in one number or in four, are never names."""
    parts = [int(address)] if whole else list(address.packed)
    host = ".".join(spelling.format(part) for part in parts)
    assert isinstance(read_location(BASE, f"http://{host}/"), Refusal)


@given(st.text() | st.text(alphabet=":/@[]%.\\#?0x12ahtp", max_size=40))
def test_any_location_is_read_or_refused(location: str) -> None:
    """Whatever a server sends; and what is read is a name, a plain port and no white space."""
    for text in (location, f"http://{location}"):
        address = read_location(BASE, text)
        if isinstance(address, WebAddress):
            assert address.port in {80, 443}
            assert "." in address.host
            assert address.host.isascii()
            assert address.target.startswith("/")
            assert not any(letter.isspace() for letter in address.text)
            address.text.encode("ascii")


def test_a_website_begins_at_its_front_pages() -> None:
    """With TLS first; the name alone before www."""
    assert [page.text for page in front_pages("acme.com")] == [
        "https://acme.com/",
        "https://www.acme.com/",
        "http://acme.com/",
        "http://www.acme.com/",
    ]


def test_a_page_is_told_without_its_query() -> None:
    """What is logged carries no token of a landing page."""
    address = read_location(BASE, "https://bigcorp.com/x?token=secret#y")
    assert isinstance(address, WebAddress)
    assert address.page == "https://bigcorp.com/x"
