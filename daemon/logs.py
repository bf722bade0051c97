"""What the daemon prints: one JSON object a line, from which every secret has been taken out.

structlog and the standard library's loggers go through one chain, so that a line of uvicorn or
Alembic looks like our own and is redacted like it. Tracebacks never show local variables.
"""

import json
import logging
import math
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote
from uuid import UUID

import structlog
from structlog.types import EventDict, Processor

from daemon.config.models import LogFormat, LogOptions

STARS = "***"
_SHORTEST = 4
"""Shorter values are no secrets, and taking them out would garble every line."""
_DEEPEST = 20

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer)\s+[\w.~+/=-]{8,}"), rf"\1 {STARS}"),
    (re.compile(r"\b([Bb]asic)\s+(?=[a-z]*[A-Z0-9+/=])[A-Za-z0-9+/]{8,}={0,2}"), rf"\1 {STARS}"),
    (re.compile(r"\b(sk-|pat-|whsec_|xox[a-z]-)[\w.+/=-]{8,}"), rf"\1{STARS}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), STARS),
    (re.compile(r"(\w://[^\s/:@]*:)[^\s/@]+@"), rf"\1{STARS}@"),
    (
        re.compile(r"(?i)\b([a-z_]*(?:token|api[_-]?key|password|secret)=)[^&\s\"',;)]+"),
        rf"\1{STARS}",
    ),
)
"""What looks like a secret wherever it comes from: schemes of HTTP, prefixes of vendors, JWTs."""
_SECRET_KEY = re.compile(r"(?i)(authorization|cookie|token|password|secret|api[_-]?key)$")

# Loggers that say on INFO what nobody asked: URLs of vendors, each tick of the loop, each look at
# the schema.
_QUIET = ("httpx", "httpcore", "apscheduler", "uvicorn", "watchfiles", "asyncio", "alembic")


class Redactor:
    """Takes secrets out of anything: known values, what looks like one, values under telling keys.

    ``learn`` may be called at any time, from any thread; what was learned is never forgotten.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: frozenset[str] = frozenset()
        self._values: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """From now on take out these values, also as a URL, JSON or ``repr`` spells them."""
        spelled = (form for secret in secrets for form in _spellings(str(secret)))
        self._known |= {form for form in spelled if len(form) >= _SHORTEST}
        longest_first = sorted(self._known, key=lambda form: (-len(form), form))
        if longest_first:
            self._values = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The text with stars in place of secrets."""
        if self._values is not None:
            text = self._values.sub(STARS, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def value(self, value: Any, *, depth: int = 0) -> Any:
        """The value as JSON knows it, redacted at any depth; what is no JSON becomes its text."""
        if _is_plain(value):
            return value
        if is_dataclass(value) and not isinstance(value, type):
            value = {each.name: getattr(value, each.name) for each in fields(value)}
        if isinstance(value, Mapping) and depth < _DEEPEST:
            return {
                self.text(str(key)): self._under(key, inner, depth) for key, inner in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
            return [self.value(inner, depth=depth + 1) for inner in value]
        return self.text(_as_text(value))

    def _under(self, key: object, value: Any, depth: int) -> Any:
        if value and isinstance(value, str) and _SECRET_KEY.search(str(key)):
            return STARS
        return self.value(value, depth=depth + 1)

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        """As a structlog processor."""
        redacted: EventDict = self.value(event)
        return redacted


def set_up_logging(
    options: LogOptions, redactor: Redactor, *, stream: TextIO | None = None
) -> None:
    """Send everything that is logged in this process to ``stream`` (stdout) in one form."""
    stream = stream or sys.stdout
    if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")
    pretty = options.format is LogFormat.PRETTY or (
        options.format is LogFormat.AUTO and stream.isatty()
    )
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redactor,
                _renderer(pretty=pretty),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def catch_uncaught() -> Callable[[], None]:
    """Log what nobody caught, in any thread, instead of Python's own unredacted print.

    Returns what puts the former hooks back.
    """
    former = (sys.excepthook, threading.excepthook)
    log = structlog.get_logger("prospectd")

    def main_thread(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("program.crashed", exc_info=(kind, error, trace))

    def other_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None:
            return
        name = args.thread.name if args.thread else ""
        found = (args.exc_type, args.exc_value, args.exc_traceback)
        log.critical("thread.crashed", thread=name, exc_info=found)

    def restore() -> None:
        sys.excepthook, threading.excepthook = former

    sys.excepthook, threading.excepthook = main_thread, other_thread
    return restore


class AuditLog:
    """Prints each audit event that the store kept, and appends it to ``[audit] file``.

    A file that cannot be written is said once, and once more when it works again: the store keeps
    the events anyway, and nothing waits for a file.
    """

    def __init__(self, file: str, redactor: Redactor) -> None:
        self._path = file
        self._redactor = redactor
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._failing = False
        self._log = structlog.get_logger("prospectd.audit")

    def emit(self, event: Mapping[str, Any]) -> None:
        """Print and append one event; its name stands under ``event``."""
        redacted = self._redactor.value(event)
        self._log.info(str(redacted.pop("event", "audit.event")), **redacted)
        if self._path:
            self._append(_as_json(self._redactor.value(event)) + "\n")

    def reopen(self) -> None:
        """Write to the path anew from the next event on: its file was rotated away."""
        with self._lock:
            self._close()

    def close(self) -> None:
        """Give the file back; an event after it opens it again."""
        self.reopen()

    def _append(self, line: str) -> None:
        with self._lock:
            try:
                if self._descriptor is None:
                    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
                    self._descriptor = os.open(self._path, flags, 0o640)
                # One write a line: on one machine several replicas may share the file.
                os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))
                failure = ""
            except OSError as error:
                self._close()
                failure = error.strerror or type(error).__name__
        self._tell(failure)

    def _tell(self, failure: str) -> None:
        if failure and not self._failing:
            self._log.error("audit.file_failed", file=self._path, reason=failure)
        elif not failure and self._failing:
            self._log.info("audit.file_recovered", file=self._path)
        self._failing = bool(failure)

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: the standard one prints the unredacted record to stderr."""


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.MaybeTimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.StackInfoRenderer(),
)


def _renderer(*, pretty: bool) -> Processor:
    if pretty:
        return structlog.dev.ConsoleRenderer(
            timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
        )
    return lambda _logger, _method, event: _as_json(_time_first(event))


def _time_first(event: EventDict) -> EventDict:
    first = {key: event[key] for key in ("time", "level", "event") if key in event}
    return first | {key: value for key, value in event.items() if key not in first}


def _as_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate becomes \udXXX, which is just how JSON spells it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _spellings(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(str(secret))[1:-1]


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)  # JSON has no word for the others.
    return value is None or (isinstance(value, int) and not isinstance(value, Enum))


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | PurePath | timedelta):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    return repr(value)
