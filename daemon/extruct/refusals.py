"""What Extruct refuses, and why: reading ``detail`` and naming the guilty exclusion."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import orjson

from connectors.sdk.faults import Permanent

Location: TypeAlias = tuple[str | int, ...]

_EXCLUSIONS = "exclude_domains"
_MESSAGE_KEYS = ("message", "msg", "error", "reason")
_QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'|`([^`]+)`")
_WORD = re.compile(r"[^\s,;()\[\]{}<>\"'`]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that the vendor found wrong with a request.

    ``loc`` is the path into the request, empty where the vendor named none. ``value`` is the
    offending text where the vendor repeated it.
    """

    msg: str
    loc: Location = ()
    type: str = ""
    value: str | None = None

    def __str__(self) -> str:
        """For instance ``exclude_domains.3: not a domain``."""
        path = ".".join(str(part) for part in self.loc if part != "body")
        return f"{path}: {self.msg}" if path else self.msg


class InvalidRequest(Permanent):
    """The vendor refuses the request as it is (422). ``problems`` says where, as far as known."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...]) -> None:
        super().__init__("invalid_request", message, status=422)
        self.problems = problems


def parse_problems(detail: object) -> tuple[Problem, ...]:
    """The problems in ``detail``, which may be a list, an object, a text or nothing."""
    if isinstance(detail, list):
        return tuple(_problem(entry) for entry in detail)
    return (_problem(detail),) if detail is not None else ()


def _problem(entry: object) -> Problem:
    if isinstance(entry, str):
        return Problem(msg=entry)
    if not isinstance(entry, dict):
        return Problem(msg=orjson.dumps(entry).decode())
    loc = entry.get("loc")
    kind = entry.get("type") or entry.get("error")
    value = entry.get("input")
    return Problem(
        msg=_message(entry),
        loc=tuple(part for part in loc if isinstance(part, str | int))
        if isinstance(loc, list)
        else (),
        type=kind if isinstance(kind, str) else "",
        value=value if isinstance(value, str) else None,
    )


def _message(entry: dict[str, Any]) -> str:
    """The sentence in an object, with whatever else it holds that may name the culprit."""
    text = next((entry[key] for key in _MESSAGE_KEYS if isinstance(entry.get(key), str)), "")
    known = {*_MESSAGE_KEYS, "loc", "type", "input", "ctx", "url"}
    rest = {key: value for key, value in entry.items() if key not in known}
    extra = orjson.dumps(rest).decode() if rest else ""
    return " ".join(part for part in (text, extra) if part)


def find_refused_exclusions(
    problems: Iterable[Problem], sent_domains: Sequence[str]
) -> tuple[str, ...]:
    """The entries of ``sent_domains`` that the vendor named as unusable, in the order sent.

    An entry is named by its index in ``loc``, by being repeated as the problem's value, or by
    standing in the message, quoted or as a word of its own. Where a message quotes other entries
    than the one at the index, the quoted ones count: servers that drop repeated entries first count
    differently. Empty when no entry can be told, as when the whole set is too large.
    """
    by_text: dict[str, list[str]] = {}
    for domain in sent_domains:
        by_text.setdefault(domain.casefold(), []).append(domain)
    refused: set[str] = set()
    for problem in problems:
        if _concerns_exclusions(problem):
            refused.update(_named(problem, sent_domains, by_text))
    return tuple(dict.fromkeys(domain for domain in sent_domains if domain in refused))


def _concerns_exclusions(problem: Problem) -> bool:
    """Whether it may be about an exclusion: it says so, or does not say what it is about."""
    fields = [part for part in problem.loc if isinstance(part, str) and part != "body"]
    return not fields or _EXCLUSIONS in fields


def _named(problem: Problem, sent: Sequence[str], by_text: dict[str, list[str]]) -> Iterable[str]:
    if problem.value is not None and problem.value.casefold() in by_text:
        return by_text[problem.value.casefold()]
    indexed = _indexed(problem.loc, sent)
    quoted = _known(("".join(found) for found in _QUOTED.findall(problem.msg)), by_text)
    if indexed is not None and (not quoted or indexed in quoted):
        return (indexed,)
    words = (word.strip(".:!?") for word in _WORD.findall(problem.msg))
    return quoted or _known(words, by_text)


def _indexed(loc: Location, sent: Sequence[str]) -> str | None:
    for field, index in pairwise(loc):
        if field == _EXCLUSIONS and isinstance(index, int) and 0 <= index < len(sent):
            return sent[index]
    return None


def _known(texts: Iterable[str], by_text: dict[str, list[str]]) -> list[str]:
    return [domain for text in texts for domain in by_text.get(text.casefold(), ())]
