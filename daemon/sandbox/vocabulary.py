"""The words of the sandbox's world, read once from ``vocabulary.toml``."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A line of business. ``stems`` are beginnings of the words by which a query means it."""

    key: str
    industry: str
    noun: str
    stems: tuple[str, ...]
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a company earns its money, in any line of business."""

    key: str
    stems: tuple[str, ...]
    verb: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Where companies sit; ``suffixes`` end their domains, ``forms`` their legal names."""

    name: str
    stems: tuple[str, ...]
    share: int
    suffixes: tuple[str, ...]
    forms: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All of it. ``sizes`` are pairs of the vendor's label and a weight."""

    topics: tuple[Topic, ...]
    kinds: tuple[Kind, ...]
    countries: tuple[Country, ...]
    sizes: tuple[tuple[str, int], ...]
    empty_words: frozenset[str]


@functools.cache
def load_vocabulary() -> Vocabulary:
    """The bundled words."""
    data = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))
    return Vocabulary(
        topics=tuple(
            Topic(
                key=entry["key"],
                industry=entry["industry"],
                noun=entry["noun"],
                stems=_words(entry, "stems"),
                offers=tuple(entry["offers"]),
            )
            for entry in data["topics"]
        ),
        kinds=tuple(
            Kind(
                key=entry["key"],
                stems=_words(entry, "stems"),
                verb=entry["verb"],
                share=entry["share"],
            )
            for entry in data["kinds"]
        ),
        countries=tuple(_country(entry) for entry in data["countries"]),
        sizes=tuple((entry["label"], entry["share"]) for entry in data["sizes"]),
        empty_words=frozenset(data["empty_words"].split()),
    )


def _country(entry: Mapping[str, Any]) -> Country:
    return Country(
        name=entry["name"],
        stems=_words(entry, "stems"),
        share=entry["share"],
        suffixes=_words(entry, "suffixes"),
        forms=tuple(entry["forms"]),
        cities=tuple((city, state) for city, state in entry["cities"]),
    )


def _words(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(entry[key]).split())
