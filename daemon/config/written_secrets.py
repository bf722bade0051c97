"""A secret that somebody wrote into the file itself: refused, and never repeated."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_LOOKS_SECRET = re.compile(r"(?i)(token|secret|password|passwd|api_?key|credential)s?$")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PASSWORD_IN_ADDRESS = re.compile(r"\w://[^\s/?#@]*:[^\s/?#@]*@")


def take_written_secrets(
    table: Mapping[str, Any], known: Iterable[str], secrets: Iterable[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The table without the keys that hold a secret, and for each of those what to do instead.

    ``known`` are the keys that the table may have, ``secrets`` the names that are secrets whatever
    they look like.
    """
    known, secrets = tuple(known), set(secrets)
    taken = {}
    for key, value in table.items():
        if text := _what_is_written(key, value, known, secrets):
            taken[key] = text
    return {key: value for key, value in table.items() if key not in taken}, taken


def _what_is_written(key: str, value: Any, known: tuple[str, ...], secrets: set[str]) -> str:
    if key in secrets or (key not in known and _LOOKS_SECRET.search(key)):
        return (
            "a secret never stands in this file: put it into an environment variable and name "
            f"that with {key}_env, or into a file of its own and name that with {key}_file; "
            "replace the secret if this file was ever shared"
        )
    if not isinstance(value, str):
        return ""
    if key.endswith("_env") and value and not _VARIABLE.fullmatch(value):
        return (
            "must be the name of an environment variable that holds the secret, "
            "not the secret itself; replace the secret if this file was ever shared"
        )
    if _PASSWORD_IN_ADDRESS.search(value):
        instead = " or ".join(name for name in known if name.endswith(("_env", "_file")))
        return "holds a password, and a secret never stands in this file: take it out" + (
            f" and name it with {instead}" if instead else ""
        )
    return ""
