import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from hypothesis import assume, given
from hypothesis import strategies as st

from daemon.config.models import LogFormat, LogLevel, LogOptions
from daemon.domain.searches import PushMode
from daemon.logs import STARS, AuditLog, Redactor, catch_uncaught, set_up_logging

SECRET = "hunter2/and more"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "uvicorn", "apscheduler")}
    yield
    root.handlers[:], root.level = handlers, level
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    """Log as JSON, and give what was printed."""
    set_up_logging(LogOptions(level=LogLevel.DEBUG), Redactor([SECRET]), stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object(lines: Lines) -> None:
    """Time, level and event come first; ids that were bound stand on every line below them."""
    with structlog.contextvars.bound_contextvars(task_id="t1"):
        structlog.get_logger("prospectd").info("task.created", search="a", results=3)
        logging.getLogger("alembic").warning("migrating to %s", "0002")
    ours, theirs = lines()
    assert list(ours)[:3] == ["time", "level", "event"]
    assert (ours["event"], ours["search"], ours["results"]) == ("task.created", "a", 3)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "migrating to 0002",
        "warning",
        "alembic",
    )
    assert ours["task_id"] == theirs["task_id"] == "t1"
    assert datetime.fromisoformat(ours["time"]).tzinfo is not None


nested = st.recursive(
    st.sampled_from(
        [SECRET, f"a {SECRET} b", "hunter2%2Fand%20more", "Authorization: Bearer abcdefgh12345678"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", SECRET]), inner, max_size=3)
        | st.tuples(inner)
    ),
)


@given(value=nested)
def test_no_secret_is_left_at_any_depth(value: object) -> None:
    """Lists in tables in lists, keys as well as values: nothing of a secret remains."""
    told = json.dumps(Redactor([SECRET]).value({"x": value}))
    assert "hunter2" not in told
    assert "abcdefgh12345678" not in told


@given(secret=st.text(min_size=4, max_size=20), before=st.text(max_size=5))
def test_any_secret_is_taken_out_of_any_text(secret: str, before: str) -> None:
    """Whatever characters a secret has, it does not survive, nor does its ``repr`` or its JSON."""
    assume("*" not in secret)
    redactor = Redactor([secret])
    assert secret not in redactor.text(before + secret + before)
    for spelled in (repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert spelled not in redactor.text(f"<{spelled}>").removeprefix("<").removesuffix(">")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abcDEF123456", "Authorization: Bearer ***"),
        ("basic dXNlcjpwYXNz", "basic ***"),
        ("Basic understanding", "Basic understanding"),
        ("key sk-proj-abcdef0123456", "key sk-***"),
        ("pat-na1-01234567-89ab", "pat-***"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8I", "whsec_***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.sig_nature", "***"),
        ("postgresql://user:pa55word@db/x", "postgresql://user:***@db/x"),
        ("GET https://h/p?access_token=abc&x=1", "GET https://h/p?access_token=***&x=1"),
        ("host=db password=geheim user=u", "host=db password=*** user=u"),
        ("token_env=EXTRUCT_API_TOKEN", "token_env=EXTRUCT_API_TOKEN"),
        ("a new task-sk was made", "a new task-sk was made"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, left: str) -> None:
    """Also a secret that nobody registered does not pass, where its shape tells; prose does."""
    assert Redactor().text(text) == left


def test_values_under_telling_keys_are_taken_out() -> None:
    """A key that says what it holds is believed, at any depth; names of variables may be seen."""
    told = Redactor().value(
        {"headers": {"Authorization": "x", "X-Api-Key": "y"}, "token_env": "HUBSPOT_TOKEN"}
    )
    assert told == {
        "headers": {"Authorization": STARS, "X-Api-Key": STARS},
        "token_env": "HUBSPOT_TOKEN",
    }


@dataclass(frozen=True, slots=True)
class Credentials:
    """A value that somebody might log by mistake."""

    user: str
    password: str


def test_anything_can_be_logged(lines: Lines) -> None:
    """Values that JSON does not know become text, and none of them loses the line."""
    circle: list[Any] = []
    circle.append(circle)
    structlog.get_logger("x").info(
        "odd",
        at=datetime(2026, 1, 2, tzinfo=UTC),
        id=UUID(int=1),
        path=Path("a/b"),
        mode=PushMode.AUTO,
        number=Decimal("1.5"),
        broken=float("nan"),
        lone="\ud800",
        name="Müller",
        who=Credentials("u", "geheim"),
        items={1},
        circle=circle,
        error=ValueError(SECRET),
    )
    (line,) = lines()
    assert line["at"] == "2026-01-02T00:00:00+00:00"
    assert (line["path"], line["mode"], line["broken"]) == ("a/b", "auto", "nan")
    assert (line["lone"], line["name"]) == ("\ud800", "Müller")
    assert line["who"] == {"user": "u", "password": STARS}
    assert line["items"] == [1]
    assert line["error"] == f"ValueError: {STARS}"


def fail_with_a_local() -> None:
    local_variable = "seen by nobody"
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError("outer", local_variable[:0]) from error


@pytest.mark.parametrize("chosen", [LogFormat.JSON, LogFormat.PRETTY])
def test_tracebacks_show_neither_secrets_nor_locals(stream: io.StringIO, chosen: LogFormat) -> None:
    """A traceback has the whole chain of errors, but no secret and no local variable."""
    set_up_logging(LogOptions(format=chosen), Redactor([SECRET]), stream=stream)
    for log in (structlog.get_logger("ours"), logging.getLogger("theirs")):
        try:
            fail_with_a_local()
        except RuntimeError:
            log.exception("failed %s", SECRET) if log.name == "theirs" else log.exception("failed")
    told = stream.getvalue()
    assert told.count("fail_with_a_local") >= 2
    assert "ValueError: invalid literal for int() with base 10: '***'" in told
    assert "hunter2" not in told
    assert "seen by nobody" not in told


def test_clients_and_servers_are_quiet(lines: Lines) -> None:
    """Httpx does not print each URL, APScheduler not each turn; their warnings are heard."""
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        client.get("https://vendor.example/?token=abcdef")
    for name in ("apscheduler.executors.default", "uvicorn.access", "httpcore.http11"):
        logging.getLogger(name).info("every time")
    logging.getLogger("apscheduler.scheduler").warning("missed")
    assert [line["event"] for line in lines()] == ["missed"]


def test_warnings_are_lines_too(lines: Lines) -> None:
    """What Python warns about goes the way of all lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"old {SECRET}", DeprecationWarning, stacklevel=1)
    (line,) = lines()
    assert line["level"] == "warning"
    assert f"old {STARS}" in line["event"]


def test_the_level_is_kept(stream: io.StringIO) -> None:
    """Below the configured level nothing is printed."""
    set_up_logging(LogOptions(level=LogLevel.ERROR), Redactor(), stream=stream)
    structlog.get_logger("x").warning("quiet")
    logging.getLogger("httpx").warning("quiet")
    structlog.get_logger("x").error("loud")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


def test_a_stream_that_is_gone_stops_nothing(
    stream: io.StringIO, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed stdout neither raises nor prints the unredacted line elsewhere."""
    assert lines() == []
    stream.close()
    structlog.get_logger("x").error("lost", token=SECRET)
    assert capsys.readouterr() == ("", "")


def test_uncaught_errors_are_logged(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nobody caught, in a thread or in main, is one redacted line and no print."""
    restore = catch_uncaught()
    try:
        thread = threading.Thread(target=fail_with_a_local, name="worker")
        thread.start()
        thread.join()
        error = RuntimeError(SECRET)
        sys.excepthook(RuntimeError, error, None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    finally:
        restore()
    of_thread, of_main = lines()
    assert (of_thread["event"], of_thread["thread"]) == ("thread.crashed", "worker")
    assert of_main["event"] == "program.crashed"
    assert "hunter2" not in str((of_thread, of_main))
    assert capsys.readouterr().err == ""


EVENT: Mapping[str, Any] = {
    "time": "2026-01-02T03:04:05+00:00",
    "event": "push.created",
    "actor": "daemon",
    "reason": f"because {SECRET}",
    "ids": {"record_id": "7"},
}


def test_an_audit_event_is_printed_as_it_was_stored(lines: Lines) -> None:
    """The line has the event's own time, name and ids."""
    AuditLog("", Redactor([SECRET])).emit(EVENT)
    (line,) = lines()
    assert line["time"] == EVENT["time"]
    assert line["event"] == "push.created"
    assert line["ids"] == {"record_id": "7"}
    assert line["reason"] == "because ***"


def test_audit_events_are_appended_to_the_file(lines: Lines, tmp_path: Path) -> None:
    """Each event is a JSON line of the file; after a rotation the new file is written."""
    path = tmp_path / "audit.jsonl"
    audit = AuditLog(str(path), Redactor([SECRET]))
    audit.emit(EVENT)
    path.rename(tmp_path / "audit.1")
    audit.emit(EVENT)
    audit.reopen()
    audit.emit(EVENT)
    audit.close()
    audit.close()
    old, new = (tmp_path / "audit.1").read_text(), path.read_text()
    assert (len(old.splitlines()), len(new.splitlines())) == (2, 1)
    assert json.loads(new) == {**EVENT, "reason": "because ***"}
    assert path.stat().st_mode & 0o007 == 0
    assert len(lines()) == 3


def test_a_file_that_cannot_be_written_is_said_once(lines: Lines, tmp_path: Path) -> None:
    """The events go on, the failure is one line, and so is the recovery."""
    folder = tmp_path / "later"
    audit = AuditLog(str(folder / "audit.jsonl"), Redactor())
    audit.emit({"event": "a"})
    audit.emit({"event": "b"})
    folder.mkdir()
    audit.emit({"event": "c"})
    audit.close()
    assert [line["event"] for line in lines()] == [
        "a",
        "audit.file_failed",
        "b",
        "c",
        "audit.file_recovered",
    ]
    assert (folder / "audit.jsonl").read_text() == '{"event":"c"}\n'
