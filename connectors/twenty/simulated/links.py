"""How the server stores links, and the search vector that it makes out of name and domain."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.twenty.simulated.refusals import bad_link

NO_LINKS: Mapping[str, Any] = {"primaryLinkLabel": "", "primaryLinkUrl": "", "secondaryLinks": []}

_VALID = re.compile(
    r"(https?://)?(([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}|\d{1,3}(\.\d{1,3}){3}|localhost)"
    r"(:\d+)?(/\S*)?(\?\S*)?"
)
_WORD = re.compile(r"\w+")


def stored_links(value: object) -> dict[str, Any]:
    """The links as they are stored: always all three parts, so writing one erases the others.

    Raises:
        Refusal: an address is not valid.
    """
    given = value if isinstance(value, Mapping) else {}
    secondary = given.get("secondaryLinks")
    links = [
        {"url": given.get("primaryLinkUrl"), "label": given.get("primaryLinkLabel")},
        *(each for each in (secondary or ()) if isinstance(each, Mapping)),
    ]
    kept = [
        {"url": stored_url(link["url"]), "label": link.get("label")}
        for link in links
        if isinstance(link.get("url"), str) and link["url"]
    ]
    first = kept[0] if kept else {"url": None, "label": None}
    return {
        "primaryLinkLabel": first["label"],
        "primaryLinkUrl": first["url"],
        "secondaryLinks": kept[1:],
    }


def stored_url(url: str) -> str:
    """The address as it is stored: with a scheme in its canonical form, without one as it came.

    Raises:
        Refusal: it is not valid; ``HTTPS://`` in capitals is not.
    """
    trimmed = url.strip()
    if not _VALID.fullmatch(trimmed):
        raise bad_link()
    if not trimmed.startswith("http"):
        return trimmed
    parts = urlsplit(trimmed)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path or '/'}{query}"


def search_vector(name: str, links: Mapping[str, Any]) -> str:
    """PostgreSQL's text of the words of name, label and address with their positions."""
    positions: dict[str, list[int]] = {}
    label, url = links.get("primaryLinkLabel") or "", links.get("primaryLinkUrl") or ""
    words = [*_WORD.findall(name.lower()), *_address_words(label), *_address_words(url)]
    for position, word in enumerate(words, start=1):
        positions.setdefault(word, []).append(position)
    return " ".join(
        f"'{word}':{','.join(str(each) for each in places)}"
        for word, places in sorted(positions.items())
    )


def _address_words(address: str) -> list[str]:
    bare = address.lower().split("://")[-1]
    host, slash, path = bare.partition("/")
    if not host:
        return []
    return [bare, host, slash + path] if path else [host]
