"""The oddest way in which a CRM may spell what it holds; pure."""

from dataclasses import replace

from connectors.sdk.records import CrmRecord

_LONG = "Ünïcødé 株式会社 🚢 \u202eevil\u202c \u200b\u0000\t\r\n'\"<>&%s{x}\\ "
_LONGEST = 10_000


def disguise(text: str) -> str:
    """The text, with everything after it that may break a log, a table or a terminal."""
    return f"{text} — \u202e\x1b[31m\r\n<b>%s{{x}}</b>"


def worst_spelling(record: CrmRecord) -> CrmRecord:
    """The same record: websites in capitals and with everything a URL may have, endless texts."""
    filler = (_LONG * (_LONGEST // len(_LONG) + 1))[:_LONGEST]
    return replace(
        record,
        websites=tuple(_spell(website) for website in record.websites),
        description=record.description or filler,
        industry=record.industry or filler[:300],
        city=record.city or "=1+1",
    )


def _spell(website: str) -> str:
    """An address that leads to the same host: ``HTTPS://WWW.ACME.COM:443/Über?x=1#y``."""
    _, _, rest = website.rpartition("://")
    host, slash, path = rest.partition("/")
    host = host.partition(":")[0]  # it gets a port of its own
    return f" HTTPS://{host.upper()}:443{slash or '/'}{path}?ref=\u00fcber#top "
