"""A secret that somebody wrote into the file itself: refused, and never repeated."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_LOOKS_SECRET = re.compile(r"(?i)(token|secret|password|passwd|api_?key|credential)s?$")


def take_written_secrets(
    table: Mapping[str, Any], known: Iterable[str], secrets: Iterable[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The table without the keys that hold a secret, and for each of those what to do instead.

    ``known`` are the keys that the table may have, ``secrets`` the names that are secrets whatever
    they look like.
    """
    known, secrets = set(known), set(secrets)
    taken = {
        key: _instead(key)
        for key in table
        if key in secrets or (key not in known and _LOOKS_SECRET.search(key))
    }
    return {key: value for key, value in table.items() if key not in taken}, taken


def _instead(key: str) -> str:
    return (
        "a secret never stands in this file: put it into an environment variable and name that "
        f"with {key}_env, or into a file of its own and name that with {key}_file; "
        "replace the secret if this file was ever shared"
    )
