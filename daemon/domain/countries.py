"""Countries under one spelling: ``Germany``, ``DE``, ``DEU`` and ``Deutschland`` are the same.

The English names and two-letter codes come from ``iso3166.tab`` of the ``tzdata`` package, which is
bundled; what people and vendors also write stands below.
"""

from importlib.resources import files
from typing import Final

_ALSO: Final = {
    "ae": "uae|emirates|are",
    "ar": "argentine|arg",
    "at": "österreich|oesterreich|autriche|aut",
    "au": "aus",
    "ba": "bosnia|bosnia and herzegovina|bosna i hercegovina",
    "be": "belgië|belgique|belgien|bel",
    "bg": "българия|bgr",
    "br": "brasil|bra",
    "ca": "can|kanada",
    "cd": "dr congo|democratic republic of the congo",
    "cg": "congo|republic of the congo",
    "ch": "schweiz|suisse|svizzera|che",
    "ci": "ivory coast|cote d'ivoire",
    "cl": "chl",
    "cn": "prc|chn|中国|people's republic of china|mainland china",
    "co": "col",
    "cz": "czechia|cze|česko|česká republika|the czech republic",
    "de": "deutschland|allemagne|ger|deu|germania|alemania|federal republic of germany",
    "dk": "danmark|dnk",
    "ee": "eesti|est",
    "eg": "egy",
    "es": "españa|espana|esp|spanien",
    "fi": "suomi|fin|finnland",
    "fr": "fra|frankreich|francia",
    "gb": "uk|gbr|england|scotland|wales|britain|united kingdom|great britain|northern ireland"
    "|united kingdom of great britain and northern ireland",
    "gr": "hellas|ελλάδα|grc",
    "hk": "hkg|hong kong sar|hong kong sar china",
    "hr": "hrvatska|hrv",
    "hu": "magyarország|hun",
    "id": "idn",
    "ie": "éire|irl|republic of ireland",
    "il": "isr|ישראל",
    "in": "ind|bharat",
    "ir": "islamic republic of iran",
    "it": "italia|ita|italien|italie",
    "jp": "jpn|日本",
    "ke": "ken",
    "kp": "north korea",
    "kr": "kor|대한민국|south korea|republic of korea|korea, republic of",
    "lt": "lietuva|ltu",
    "lu": "lux|grand duchy of luxembourg",
    "lv": "latvija|lva",
    "mk": "macedonia",
    "mm": "burma",
    "mx": "méxico|mex|mexiko",
    "my": "mys",
    "nl": "holland|nederland|nld|the netherlands|pays-bas|niederlande",
    "no": "norge|nor|norwegen",
    "nz": "nzl|aotearoa",
    "ph": "phl|the philippines",
    "pl": "polska|pol|polen",
    "pt": "prt",
    "ro": "românia|rou",
    "rs": "srbija|srb",
    "ru": "россия|rus|russian federation",
    "sa": "ksa|sau|kingdom of saudi arabia",
    "se": "sverige|swe|schweden",
    "sg": "sgp",
    "si": "slovenija|svn",
    "sk": "slovensko|svk|slovak republic",
    "th": "tha",
    "tr": "türkiye|turkiye|tur|türkei",
    "tw": "twn|taiwan, province of china",
    "ua": "україна|ukr",
    "us": "usa|u.s.|u.s.a.|america|united states of america|the united states|estados unidos",
    "vn": "vietnam|viet nam",
    "za": "rsa|zaf",
}
"""By code, separated by "|"."""


def _read_table(text: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, name = line.split("\t")[:2]
            names[code.casefold()] = names[name.casefold()] = code.casefold()
            names[name.casefold().replace("&", "and")] = code.casefold()
    for code, words in _ALSO.items():
        names.update(dict.fromkeys(words.split("|"), code))
    return names


_CODES: Final = _read_table((files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8"))


def normalise_country(text: str | None) -> str:
    """The two-letter code in lower case; a name that nobody knows folded; "" for nothing."""
    if not text:
        return ""
    folded = text.strip().casefold()
    return _CODES.get(folded, folded)
