"""Our key of a company in a field that holds so many characters and no more."""

import hashlib

_DIGITS = 64


def fit_key(key: str, length: int, *, digits: int = _DIGITS) -> str:
    """The key itself where it fits; else its beginning, ``~`` and so many digits of its digest.

    ``digits`` is never to be changed for a CRM: the keys that it holds were made with it.
    """
    if len(key) <= length:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:digits]
    return f"{key[: length - len(digest) - 1]}~{digest}"
