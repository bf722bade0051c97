"""Where a registered domain begins: the rules of the public suffix list that is bundled.

The rules come from the ``publicsuffixlist`` package (its data file, never fetched) and are read
once into one dictionary, since its own lookup answers for one section of the list at a time and
the mirror asks for millions of hosts.
"""

from enum import Enum
from importlib.resources import files
from typing import Final

from daemon.domain.shared_hosts import HOSTS_OF_CUSTOMERS

_EXACT: Final = 1
_WILDCARD: Final = 2
_EXCEPTION: Final = 4
_PRIVATE: Final = 8
_CUSTOMERS: Final = 16


class Section(Enum):
    """Which part of the rules says where a host's registered domain begins."""

    ICANN = "icann"  # a registry's own suffix: what stands below it is a registered domain
    PRIVATE = "private"  # a company lets others have names below it: x.github.io
    CUSTOMERS = "customers"  # the same, known to us but not on the list: x.wordpress.com
    UNLISTED = "unlisted"  # no rule: the last label counts as the suffix


_ICANN: Final = Section.ICANN
_UNLISTED: Final = Section.UNLISTED


def _a_label(name: str) -> str:
    return name if name.isascii() else name.encode("idna").decode("ascii")


def _read_rules(text: str) -> dict[str, int]:
    rules: dict[str, int] = {}
    section = 0
    for line in text.splitlines():
        if line.startswith("//"):
            section = _PRIVATE if "BEGIN PRIVATE DOMAINS" in line else section
            continue
        rule, flag = line.partition(" ")[0].lower(), _EXACT
        if not rule:
            continue
        if rule.startswith("*."):
            rule, flag = rule[2:], _WILDCARD
        elif rule.startswith("!"):
            rule, flag = rule[1:], _EXCEPTION
        name = _a_label(rule)
        # One name may have several rules, in either order: "x" and "*.x".
        rules[name] = rules.get(name, section) | flag | section
    for name in HOSTS_OF_CUSTOMERS:
        rules.setdefault(name, _EXACT | _CUSTOMERS)
    return rules


_RULES: Final = _read_rules(
    (files("publicsuffixlist") / "public_suffix_list.dat").read_text(encoding="utf-8")
)

PLAIN_TOP_LEVELS: Final = frozenset(
    name for name, flags in _RULES.items() if flags == _EXACT and "." not in name
)
"""Top-level domains under which registering is direct (``com``, ``de``; not ``ck``)."""

TWO_LABEL_SUFFIXES: Final = frozenset(name for name in _RULES if name.count(".") == 1)
"""Names of two labels that are no plain registered domain (``co.uk``, ``github.io``)."""


def _section(flags: int) -> Section:
    if flags & _PRIVATE:
        return Section.PRIVATE
    return Section.CUSTOMERS if flags & _CUSTOMERS else _ICANN


def owner_of(host: str) -> tuple[str | None, Section]:
    """The part of a host that belongs to one owner, and the section that says so.

    ``host`` is lower case, in A-labels, without a dot at its ends. ``www.acme.co.uk`` gives
    ``acme.co.uk``; a host that is a suffix itself gives None. Follows the algorithm at
    publicsuffix.org/list: an exception beats a wildcard beats the longest plain rule; a wildcard
    implies its own parent.
    """
    # Positions where the label two, one and none to the left of the present one begin.
    before = left = -1
    here = 0
    while True:
        flags = _RULES.get(host[here:])
        if flags is not None:
            if flags & _EXCEPTION:
                return host[here:], _section(flags)
            if flags & _WILDCARD and left >= 0:
                return (host[before:] if before >= 0 else None), _section(flags)
            return (host[left:] if left >= 0 else None), _section(flags)
        dot = host.find(".", here)
        if dot < 0:
            return (host[left:] if left >= 0 else None), _UNLISTED
        before, left, here = left, here, dot + 1
