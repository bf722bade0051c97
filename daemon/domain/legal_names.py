"""Company names in comparable forms: without legal form, accents, punctuation and spelling habits.

``normalise_name`` keeps the script and is what a person would still recognise;
``skeleton_of`` goes further (Latin letters only where it can, ``Mueller`` like ``Müller``) and is
for comparing only.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from daemon.domain.legal_forms import (
    BEFORE_A_REAL_SPA,
    LEADING,
    OF_COUNTRIES,
    TRAILING,
    UNSPACED,
)
from daemon.domain.other_names import has_marks, in_and_out_of_brackets, marked, split_at_marks

_Phrase = tuple[str, ...]

_MAX_NAME: Final = 300  # letters; a longer text is a description in the wrong field
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9, \-]+\.?")
_WORDS: Final = re.compile(r"[^\W_]+")
_UNSPACED: Final = re.compile(
    "|".join(re.escape(unicodedata.normalize("NFKC", form)) for form in UNSPACED)
)
_MARKS: Final = str.maketrans(dict.fromkeys("™®©℠'’‘`´ʼ", ""))  # noqa: RUF001 - apostrophes of all kinds
_LETTERS: Final = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",  # noqa: RUF001 - the Turkish letter is meant
        "&": " and ",
    }
)
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_DOTTED: Final = re.compile(r"\b(?:[^\W\d_]\.\s?)+[^\W\d_]\b\.?")
_SHORTENED: Final = re.compile(r"\b([cfs])\.(?=(?:ie|lli|te)\b)")
"""``F.lli``, ``C.ie``, ``S.té``: the end of a word behind its beginning."""
_OPENING: Final = frozenset("([\uff08")
_SLASHED: Final = re.compile(r"\b[^\W\d_](?:/[^\W\d_])+\b")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_CONJUNCTIONS: Final = {"und": "and", "et": "and"}


def _by_edge(phrases: Iterable[_Phrase], edge: int) -> Mapping[str, tuple[_Phrase, ...]]:
    """The phrases under their outermost word, the longest first."""
    found: dict[str, list[_Phrase]] = {}
    for phrase in sorted(phrases, key=lambda words: (-len(words), words)):
        found.setdefault(phrase[edge], []).append(phrase)
    return {word: tuple(group) for word, group in found.items()}


_ROMANIAN: Final = frozenset({"sa", "srl"})
"""Forms that "SC" (*societate comercială*) before the name goes with."""
_LOOSE_ENDS: Final = frozenset({"and", "the"})
"""``Boring Company, The``."""
_BY_LAST: Final = _by_edge(TRAILING, -1)
_BY_FIRST: Final = _by_edge(LEADING, 0)


def _fold(name: str) -> str:
    """Lower case without accents, marks and dots within abbreviations."""
    text = unicodedata.normalize("NFKC", name.translate(_MARKS)).casefold().translate(_LETTERS)
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))
    text = _SHORTENED.sub(r"\1", _UNSPACED.sub(" ", text))
    text = _DOTTED.sub(lambda found: _NOT_LETTERS.sub("", found[0]) + " ", text)
    return _SLASHED.sub(lambda found: found[0].replace("/", ""), text)


def _words_of(name: str) -> list[str]:
    name = name[:_MAX_NAME]
    if _PLAIN_NAME.fullmatch(name):
        words = name.lower().rstrip(".").replace(",", " ").replace("-", " ").split()
    else:
        words = _WORDS.findall(_fold(name))
    if _CONJUNCTIONS.keys().isdisjoint(words):
        return words
    return [_CONJUNCTIONS.get(word, word) for word in words]


def _without_forms(words: list[str], country: str) -> list[str]:
    own = OF_COUNTRIES.get(country, frozenset())
    words = _without_loose_ends(words)
    form = words[-1] if words else ""
    while len(words) > 1 and (words[-1] in _BY_LAST or words[-1] in own):
        kept = _without_last_form(words, own)
        if len(kept) == len(words):
            break
        words = kept
    words = _without_loose_ends(words)
    if len(words) > 1 and words[0] == "sc" and form in _ROMANIAN:
        return words[1:]
    words = _without_first_form(words, own)
    return words[1:] if len(words) > 1 and words[0] == "the" else words


def _without_loose_ends(words: list[str]) -> list[str]:
    while len(words) > 1 and words[-1] in _LOOSE_ENDS:
        words = words[:-1]
    return words


def _without_first_form(words: list[str], own: frozenset[str]) -> list[str]:
    for phrase in _BY_FIRST.get(words[0], ()) if words else ():
        if len(words) > len(phrase) and tuple(words[: len(phrase)]) == phrase:
            return words[len(phrase) :]
    return words[1:] if len(words) > 1 and words[0] in own else words


def _without_last_form(words: list[str], own: frozenset[str]) -> list[str]:
    if words[-1] == "spa" and words[-2] in BEFORE_A_REAL_SPA:
        return words
    for phrase in _BY_LAST.get(words[-1], ()):
        size = len(phrase)
        if size < len(words) and (size == 1 or tuple(words[-size:]) == phrase):
            kept = words[:-size]
            return kept[:-1] if len(kept) > 1 and kept[-1] == "and" else kept
    return words[:-1] if words[-1] in own else words


def names_of(name: str, country: str = "") -> tuple[str, ...]:
    """Every name that a company's name field holds, normalised, in their order.

    Former and trading names count where the text marks them (``formerly``, ``f/k/a``, ``t/a``,
    ``trading as``, ``vormals``, ``(now …)`` …). ``country`` is a code in lower case: its own short
    legal forms, which are words elsewhere, go too.
    """
    words = _words_of(marked(name[:_MAX_NAME]))
    if not has_marks(words):
        return (" ".join(_without_forms(words, country)),) if words else ()
    return tuple(
        dict.fromkeys(" ".join(_without_forms(part, country)) for part in split_at_marks(words))
    )


def aliases_of(name: str, country: str = "") -> tuple[str, ...]:
    """What a name field says without its brackets, and in them: ``MARS (Mid Rail)`` holds both.

    It may also be a place or an addition, so that it is no name to rely on.
    """
    if _OPENING.isdisjoint(name):
        return ()
    parts = in_and_out_of_brackets(_fold(marked(name[:_MAX_NAME])))
    if any(has_marks(_words_of(part)) for part in parts):
        return ()
    split = [_words_of(part) for part in parts]
    aliases = (_without_forms(words, country) for words in split if tuple(words) not in TRAILING)
    return tuple(dict.fromkeys(" ".join(words) for words in aliases if words))


def normalise_name(name: str) -> str:
    """The name in words that identify: folded, without legal forms; "" where nothing is left.

    ``Müller & Söhne GmbH & Co. KG`` gives ``muller and sohne``; what is marked as a former or
    trading name is left out.
    """
    names = names_of(name)
    return names[0] if names else ""


def bears_legal_form(name: str, country: str = "") -> bool:
    """Whether the name says what kind of legal person it is, so that it is a registered one."""
    words = _words_of(marked(name[:_MAX_NAME]))
    kept = _without_forms(words, country)
    articles = words.count("the") - kept.count("the")
    return len(kept) + articles < len(words)


_LETTER_PAIRS: Final = (
    "а:a б:b в:v г:g ґ:g д:d е:e є:e ё:e ж:zh з:z и:i й:i і:i ї:i ы:i к:k л:l м:m н:n о:o "  # noqa: RUF001 - Cyrillic is meant
    "п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ъ: ь: э:e ю:iu я:ia "  # noqa: RUF001 - Cyrillic is meant
    "α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:i "  # noqa: RUF001 - Greek is meant
    "φ:f χ:ch ψ:ps ω:o"
)
_ROMAN: Final = str.maketrans(dict(pair.split(":") for pair in _LETTER_PAIRS.split()))
"""Cyrillic and Greek letters as company names are usually romanised."""

_SPELLINGS: Final = (
    ("ph", "f"),
    ("tch", "ch"),
    ("kh", "h"),
    ("ae", "a"),
    ("oe", "o"),
    ("ue", "u"),
    ("x", "ks"),
    ("y", "i"),
    *((letter * 2, letter) for letter in "abcdfghklmnprstvz"),
)


def skeleton_of(normalised: str) -> str:
    """A normalised name with spelling habits evened out, for comparing only.

    ``mueller``, ``muller`` and ``müller`` become one, as do ``яндекс`` and ``yandex``.
    """
    text = normalised if normalised.isascii() else normalised.translate(_ROMAN)
    for written, folded in _SPELLINGS:
        if written in text:
            text = text.replace(written, folded)
    return text
