"""Website texts become registered domains, hosts, pages, or a reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.domain.hostnames import (
    SiteKind,
    domain_keys,
    key_of_site,
    normalise_exclusion,
    site_of,
)

DOMAINS = [
    ("acme.com", "acme.com"),
    ("ACME.COM", "acme.com"),
    ("www.acme.com", "acme.com"),
    ("WWW2.Acme.com", "acme.com"),
    ("wwww.acme.com", "acme.com"),
    ("https://www.acme.com/", "acme.com"),
    ("https://www.acme.com/about?x=1#y", "acme.com"),
    ("http://acme.com:8080/x", "acme.com"),
    ("acme.com:443", "acme.com"),
    ("acme.com.", "acme.com"),
    ("https://acme.com./x", "acme.com"),
    ("//acme.com/x", "acme.com"),
    ("://acme.com", "acme.com"),
    ("ftp://files.acme.com", "acme.com"),
    ("htp://acme.com", "acme.com"),
    ("http:/acme.com", "acme.com"),
    ("http:acme.com", "acme.com"),
    ("http//acme.com", "acme.com"),
    ("http;//acme.com", "acme.com"),
    ("http:\\\\acme.com\\x", "acme.com"),
    ("http://https://acme.com", "acme.com"),
    ("https://user:pw@acme.com/x", "acme.com"),
    ("https://other.com@acme.com", "acme.com"),
    ("info@acme.com", "acme.com"),
    ("mailto:info@acme.com?subject=hello", "acme.com"),
    ("  acme.com \n", "acme.com"),
    ("\u200bacme.com\ufeff", "acme.com"),
    ("\u00a0https://acme.com\u00a0", "acme.com"),
    ("<https://acme.com>", "acme.com"),
    ("(acme.com)", "acme.com"),
    ("'acme.com'", "acme.com"),
    ("shop.eu.acme.com", "acme.com"),
    ("my_shop.acme.com", "acme.com"),
    ("acme.co.uk", "acme.co.uk"),
    ("https://www.shop.acme.co.uk/x", "acme.co.uk"),
    ("acme.com.au", "acme.com.au"),
    ("www.com", "www.com"),
    ("www.co.uk", "www.co.uk"),
    ("www.ck", "www.ck"),
    ("www.acme.co.ck", "acme.co.ck"),
    ("city.kobe.jp", "city.kobe.jp"),
    ("x.acme.kobe.jp", "x.acme.kobe.jp"),
    ("123.com", "123.com"),
    ("1-800-flowers.com", "1-800-flowers.com"),
    ("acme.example", "acme.example"),
    ("acme.newtoplevel", "acme.newtoplevel"),
    ("acme%2Ecom", "acme.com"),
    ("münchen.de", "xn--mnchen-3ya.de"),
    ("MÜNCHEN.DE", "xn--mnchen-3ya.de"),
    ("www.xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ("XN--MNCHEN-3YA.de", "xn--mnchen-3ya.de"),
    ("https://пример.рф/x", "xn--e1afmkfd.xn--p1ai"),
    ("straße.de", "xn--strae-oqa.de"),
    ("例え。jp", "xn--r8jz45g.jp"),
    ("ａｃｍｅ．ｃｏｍ", "acme.com"),  # noqa: RUF001 - full-width letters are the case
    ("i❤.ws", "xn--i-7iq.ws"),
    ("аpple.com", "xn--pple-43d.com"),  # noqa: RUF001 - mixed scripts are the case
    ("acme.com, acme.de", "acme.com"),
    ("acme.com;acme.de", "acme.com"),
    ("acme.com acme.de", "acme.com"),
    ("https://linkedin.com/company/acme; https://acme.com", "acme.com"),
    ("Acme GmbH www.acme.de", "acme.de"),
    ("see acme.com. Or call", "acme.com"),
    ("n/a, acme.com", "acme.com"),
    ("yahoo.com", "yahoo.com"),
    ("https://www.yahoo.com:443", "yahoo.com"),
    ("info@sub.acme.com", "acme.com"),
    ("https://acme.com/linkedin.com/company/x", "acme.com"),
    ("https://redirect.io/?u=https://acme.com", "redirect.io"),
]


@pytest.mark.parametrize(("text", "domain"), DOMAINS)
def test_a_website_gives_its_registered_domain(text: str, domain: str) -> None:
    """Whatever its spelling, a website gives the registered domain in lower-case A-labels."""
    site = site_of(text)
    assert (site.kind, site.domain) == (SiteKind.DOMAIN, domain)
    assert key_of_site(site) == domain == normalise_exclusion(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://x.github.io/docs", "x.github.io"),
        ("a.b.x.github.io", "x.github.io"),
        ("www.x.github.io", "x.github.io"),
        ("Shop.MyShopify.com", "shop.myshopify.com"),
        ("acme.uk.com", "acme.uk.com"),
        ("one.s3.amazonaws.com", "one.s3.amazonaws.com"),
        ("acme.wordpress.com", "acme.wordpress.com"),
        ("factory.en.alibaba.com", "factory.en.alibaba.com"),
        ("müller.github.io", "xn--mller-kva.github.io"),
        ("squarespace.com", "squarespace.com"),
        ("https://www.wordpress.com", "wordpress.com"),
        ("https://github.com/", "github.com"),
        ("amazon.de", "amazon.de"),
    ],
)
def test_a_host_below_a_shared_suffix_identifies_and_is_never_sent(text: str, host: str) -> None:
    """A host of a company's own on a shared suffix is a key, and no exclusion."""
    site = site_of(text)
    assert (site.kind, site.host, site.domain) == (SiteKind.HOST, host, None)
    assert key_of_site(site) == f"host:{host}"
    assert normalise_exclusion(text) is None


PROFILES = [
    ("https://www.linkedin.com/company/Acme-GmbH/about/?trk=x", "linkedin.com/company/acme-gmbh"),
    ("de.linkedin.com/company/acme", "linkedin.com/company/acme"),
    ("linkedin.com/company-beta/123", "linkedin.com/company/123"),
    ("linkedin.com/school/mit", "linkedin.com/school/mit"),
    ("linkedin.com/company/caf%C3%A9", "linkedin.com/company/café"),
    ("https://m.facebook.com/Acme", "facebook.com/acme"),
    ("https://de-de.facebook.com/pg/Acme/about", "facebook.com/acme"),
    ("facebook.com/pages/Acme-Bakery/12345", "facebook.com/12345"),
    ("facebook.com/profile.php?id=12345&sk=about", "facebook.com/12345"),
    ("fb.com/acme", "facebook.com/acme"),
    ("instagram.com/acme.bakery/?hl=de", "instagram.com/acme.bakery"),
    ("https://twitter.com/Acme", "x.com/acme"),
    ("https://x.com/@acme", "x.com/acme"),
    ("https://mobile.twitter.com/#!/acme", "x.com/acme"),
    ("crunchbase.com/organization/acme/people", "crunchbase.com/organization/acme"),
    ("https://www.youtube.com/@Acme/videos", "youtube.com/@acme"),
    ("youtube.com/channel/UCabc", "youtube.com/channel/ucabc"),
    ("github.com/acme/tool", "github.com/acme"),
    ("https://github.com/orgs/acme", "github.com/acme"),
    ("linktr.ee/acme", "linktr.ee/acme"),
    ("yelp.de/biz/acme-berlin", "yelp.com/biz/acme-berlin"),
    ("https://www.yelp.co.uk/biz/acme-berlin", "yelp.com/biz/acme-berlin"),
    ("https://www.google.com/maps?cid=123", "google.com/maps/123"),
    ("https://maps.google.com/?q=x&cid=123", "google.com/maps/123"),
    ("sites.google.com/view/acme/home", "sites.google.com/acme"),
    ("https://apps.apple.com/de/app/acme/id987", "apps.apple.com/987"),
    ("play.google.com/store/apps/details?id=com.acme&hl=de", "play.google.com/com.acme"),
    ("etsy.com/de/shop/Acme", "etsy.com/shop/acme"),
    ("https://medium.com/@acme/post", "medium.com/@acme"),
    ("t.me/s/acme", "t.me/acme"),
]


@pytest.mark.parametrize(("text", "profile"), PROFILES)
def test_a_page_on_a_shared_host_identifies_by_its_path(text: str, profile: str) -> None:
    """Where only the path tells companies apart, the page is the key, and there is no domain."""
    site = site_of(text)
    assert (site.kind, site.profile, site.domain) == (SiteKind.PROFILE, profile, None)
    assert key_of_site(site) == f"profile:{profile}"
    assert normalise_exclusion(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "empty"),
        ("", "empty"),
        ("   ", "empty"),
        ("https://", "empty"),
        (",;", "empty"),
        ("1.2.3.4", "an IP address"),
        ("http://1.2.3.4:80/x", "an IP address"),
        ("2130706433", "an IP address"),
        ("http://0x7f000001", "an IP address"),
        ("0x7f.1", "an IP address"),
        ("http://[::1]:8080/", "an IP address"),
        ("2001:db8::1", "an IP address"),
        ("[2001:db8::1]", "an IP address"),
        ("a:b:c", "not a host name"),
        ("[acme", "a name of one label"),
        ("http://[acme", "not a host name"),
        ("localhost", "a name of a private network"),
        ("localhost:3000", "a name of a private network"),
        ("acme", "a name of one label"),
        ("http://acme/x", "a name of one label"),
        ("www.acme", "not a host name"),
        ("n/a", "a name of one label"),
        ("-", "a name of one label"),
        ("com", "a public suffix itself"),
        ("co.uk", "a public suffix itself"),
        ("github.io", "a public suffix itself"),
        ("www.github.io", "a public suffix itself"),
        ("foo.ck", "a public suffix itself"),
        ("printer.local", "a name of a private network"),
        ("nas.home.arpa", "a name of a private network"),
        ("acme..com", "not a host name"),
        ("-acme.com", "not a host name"),
        ("acme-.com", "not a host name"),
        ("our shop!.com", "a name of one label"),
        ("acme!.com", "not a host name"),
        ("my_company.com", "not a host name"),
        ("acme.c", "not a host name"),
        ("acme.c0m", "not a host name"),
        ("N.A.", "not a host name"),
        ("a" * 64 + ".com", "not a host name"),
        ("a." * 130 + "com", "not a host name"),
        ("tel:+49301234", "not a host name"),
        ("written in node.js these days", "a name of one label"),
        ("someone@gmail.com", "a mail provider"),
        ("https://gmail.com", "a mail provider"),
        ("someone@yahoo.com", "a mail provider"),
        ("mailto:someone@t-online.de", "a mail provider"),
        ("https://bit.ly/3abc", "a link shortener"),
        ("https://maps.app.goo.gl/x", "a link shortener"),
        ("linkedin.com", "a shared host, without the page that tells whose it is"),
        (
            "https://www.linkedin.com/feed/",
            "a shared host, without the page that tells whose it is",
        ),
        ("facebook.com/sharer.php?u=x", "a shared host, without the page that tells whose it is"),
        ("youtube.com/watch?v=x", "a shared host, without the page that tells whose it is"),
        ("docs.google.com/document/d/1", "a shared host, without the page that tells whose it is"),
        ("\ud800.com", "not a host name"),
    ],
)
def test_what_names_nobody_gives_a_reason_in_words(text: str | None, reason: str) -> None:
    """Junk, addresses of machines and shared names give no key, and the reason says why."""
    site = site_of(text)
    assert (site.kind, key_of_site(site), normalise_exclusion(text)) == (SiteKind.NONE, None, None)
    assert site.reason == reason


def test_keys_of_a_record_are_unique_and_in_order() -> None:
    """A record's websites give each key once, the main one first, and nothing for junk."""
    texts = [
        "https://www.acme.com",
        "",
        "acme.de",
        "ACME.com/x",
        "linkedin.com/company/acme",
        "n/a",
    ]
    assert domain_keys(texts) == ("acme.com", "acme.de", "profile:linkedin.com/company/acme")


@settings(deadline=None, max_examples=500)
@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    """Any text at all is answered, with a key exactly where the kind is not NONE."""
    site = site_of(text)
    assert (key_of_site(site) is None) == (site.kind is SiteKind.NONE)
    assert (site.reason == "") == (site.kind is SiteKind.DOMAIN)
    assert domain_keys([text]) == tuple(filter(None, [key_of_site(site)]))


@settings(deadline=None, max_examples=500)
@given(st.text(alphabet="aA1-._:/@%#?\\[] \tüßа❤。,;wWx\u200b", max_size=40))  # noqa: RUF001 - look-alikes are wanted
def test_addresses_of_strange_letters_are_answered(text: str) -> None:
    """Texts made of the letters that matter in addresses are answered too."""
    for variant in (text, f"http://{text}.com", f"{text}.de/x", f"a@{text}.org"):
        domain = site_of(variant).domain
        assert domain is None or (domain == domain.lower() and domain.isascii())


@settings(deadline=None)
@given(
    st.one_of(
        st.sampled_from([text for text, _ in DOMAINS]),
        st.from_regex(r"[a-zü0-9-]{1,20}\.(com|de|co\.uk|github\.io|рф|zz)", fullmatch=True),
    )
)
def test_a_domain_is_its_own_domain(text: str) -> None:
    """What a text was reduced to is not reduced further."""
    site = site_of(text)
    if site.domain is not None:
        assert site_of(site.domain) == site
    if site.host is not None:
        assert site_of(site.host) == site


@settings(deadline=None)
@given(
    st.sampled_from(["acme.com", "acme.co.uk", "x.github.io", "xn--mnchen-3ya.de"]),
    st.sampled_from(["", "http://", "HTTPS://", "//", "https://u:p@"]),
    st.sampled_from(["", "www.", "a.b."]),
    st.sampled_from(["", ".", ":443"]),
    st.sampled_from(["", "/", "/a/b?c=d#e", "?x", "#y"]),
    st.sampled_from(["", " ", "\t", " , other.net"]),
)
def test_what_stands_around_a_host_does_not_matter(
    host: str, scheme: str, below: str, port: str, path: str, behind: str
) -> None:
    """Scheme, userinfo, subdomain, port, path and blanks leave the key as it is."""
    if host == "x.github.io" and "other.net" in behind:
        behind = ""  # a domain further on is preferred to a host
    assert domain_keys([f"{scheme}{below}{host}{port}{path}{behind}"]) == domain_keys([host])
