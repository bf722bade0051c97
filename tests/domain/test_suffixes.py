"""Our index of the public suffix list answers as the list's own package does."""

from importlib.resources import files

import pytest
from publicsuffixlist import PublicSuffixList

from daemon.domain.shared_hosts import HOSTS_OF_CUSTOMERS
from daemon.domain.suffixes import Section, _read_rules, owner_of


def _names() -> list[str]:
    text = (files("publicsuffixlist") / "public_suffix_list.dat").read_text(encoding="utf-8")
    rules = (line.split(" ")[0] for line in text.splitlines() if line and line[:2] != "//")
    names = (rule.lstrip("*.!").encode("idna").decode("ascii") for rule in rules)
    return [name for name in names if name not in HOSTS_OF_CUSTOMERS]


def test_every_rule_of_the_list_is_read_as_its_package_reads_it() -> None:
    """For hosts at, below and far below each rule both give the same owner."""
    listed = PublicSuffixList()
    hosts = [below + name for name in _names() for below in ("", "b.", "a.b.", "z.a.b.")]
    strangers = [host for host in hosts if not host.endswith(tuple(HOSTS_OF_CUSTOMERS))]
    assert len(strangers) > 30_000
    assert [owner_of(host)[0] for host in strangers] == list(map(listed.privatesuffix, strangers))


@pytest.mark.parametrize(
    ("host", "owner", "section"),
    [
        ("a.acme.com", "acme.com", Section.ICANN),
        ("a.x.github.io", "x.github.io", Section.PRIVATE),
        ("a.x.wordpress.com", "x.wordpress.com", Section.CUSTOMERS),
        ("a.acme.zz", "acme.zz", Section.UNLISTED),
        ("zz", None, Section.UNLISTED),
        ("foo.ck", None, Section.ICANN),
        ("a.www.ck", "www.ck", Section.ICANN),
    ],
)
def test_the_section_tells_who_lets_names_below_a_suffix(
    host: str, owner: str | None, section: Section
) -> None:
    """A registry's suffix, a company's, one of ours, and an unlisted one are told apart."""
    assert owner_of(host) == (owner, section)


def test_several_rules_on_one_name_are_kept_in_either_order() -> None:
    """A name that is a suffix itself and has a wildcard keeps both, however the list is sorted."""
    assert _read_rules("q\n*.q\n")["q"] == _read_rules("*.q\nq\n")["q"]
    assert _read_rules("q\n*.q\n")["q"] not in {_read_rules("q\n")["q"], _read_rules("*.q\n")["q"]}
