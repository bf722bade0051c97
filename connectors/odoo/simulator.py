"""A simulated Odoo that answers as recorded from a running Odoo 17, on both of its interfaces.

``/jsonrpc`` says everything under HTTP 200, errors too; JSON-2 (``/json/2/<model>/<method>``, Odoo
19 and later) has real statuses. What is behind them is one database, in ``simulated/``.
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
import orjson

from connectors.odoo.simulated.access import PERSON, User
from connectors.odoo.simulated.errors import (
    OdooError,
    access_denied,
    access_error,
    builtin,
    no_such_database,
    user_error,
)
from connectors.odoo.simulated.methods import Call, find_method, unknown_method
from connectors.odoo.simulated.orm import Env, Orm
from connectors.odoo.simulated.schema import PARTNER
from connectors.odoo.simulated.seed import plant, users_of
from connectors.odoo.simulated.tables import Row
from connectors.sdk.clock import Clock, SystemClock

_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_SNIFF = {"x-content-type-options": "nosniff"}
_LAST_OLD = 18


@dataclass(slots=True, kw_only=True)
class OdooSimulator:
    """One Odoo with one database.

    ``secret`` is the password and the API key of each user. ``transaction_age`` is how long before
    the present moment each transaction began: ``write_date`` is stamped with its beginning.
    """

    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
    database: str = "crm"
    login: str = "sync@crm.example"
    secret: str = field(default="odoo-secret", repr=False)
    version: str = "17.0-20240709"
    transaction_age: timedelta = timedelta(0)
    installed_at: datetime | None = None
    orm: Orm = field(init=False)
    users: tuple[User, ...] = field(init=False)
    _snapshot: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Install it."""
        self.orm = Orm(random=self.random)
        self.users = users_of(self.login, frozenset({self.secret}))
        moment = self.installed_at or self.clock.now()
        plant(self.orm, self.users, installed_at=moment)

    @property
    def major(self) -> int:
        """The version's first number."""
        return int(self.version.partition(".")[0])

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path
        if path == "/jsonrpc":
            return self._jsonrpc(request)
        if path.startswith("/json/2/") and self.major > _LAST_OLD:
            return self._json2(request, path.removeprefix("/json/2/"))
        return httpx.Response(404, headers={"content-type": _HTML}, text=_page(404, "Not Found"))

    @contextmanager
    def overlapping(self, since: int | None = None) -> Iterator[None]:
        """All transactions inside began after that commit, or now: none sees a later one."""
        commit = self.orm.tables.commits if since is None else since
        before, self._snapshot = self._snapshot, commit
        try:
            yield
        finally:
            self._snapshot = before

    def lose_races(self, count: int) -> None:
        """The next so many ``load()`` calls lose against somebody, and nothing of them is kept."""
        self.orm.conflicts = count

    def by_hand(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """What a person does in the web client, at once and without HTTP.

        Raises:
            OdooError: Odoo refuses.
        """
        return self._run(PERSON, model, method, list(args), named)

    def change_secret(self, secret: str) -> None:
        """All passwords and keys are revoked but this one."""
        self.users = users_of(self.login, frozenset({secret}))

    def create_late(self, values: Row, *, after: timedelta) -> int:
        """A person's contact in a transaction that began now and commits ``after`` so long."""
        record_id = int(self.by_hand(PARTNER, "create", values))
        self.orm.tables.hidden[PARTNER, record_id] = self.clock.now() + after
        return record_id

    def add_field(self, name: str, ttype: str, label: str) -> None:
        """An administrator adds a custom field to contacts."""
        values = {"name": name, "model_id": 85, "ttype": ttype, "field_description": label}
        self.by_hand("ir.model.fields", "create", values)

    # /jsonrpc

    def _jsonrpc(self, request: httpx.Request) -> httpx.Response:
        kind = request.headers.get("content-type", "").partition(";")[0]
        if request.method != "POST" or kind != "application/json":
            text = (
                "Request inferred type is compatible with [&#39;http&#39;] but "
                "&#39;/jsonrpc&#39; is type=&#39;json&#39;."
            )
            page = _page(400, "Bad Request", text)
            return httpx.Response(400, headers={"content-type": _HTML}, text=page)
        try:
            body = orjson.loads(request.content)
        except orjson.JSONDecodeError:
            headers = {"content-type": _HTML, **_SNIFF}
            return httpx.Response(400, headers=headers, text="Invalid JSON data")
        envelope = {"jsonrpc": "2.0", "id": body.get("id")}
        try:
            result = self._serve(**body["params"])
        except OdooError as error:
            said = {"code": 200, "message": "Odoo Server Error", "data": error.data()}
            return _json_response(200, {**envelope, "error": said})
        shown = {} if result is None else {"result": result}
        return _json_response(200, {**envelope, **shown}, _SNIFF)

    def _serve(self, service: str, method: str, args: list[Any]) -> Any:
        if service == "common":
            return self._common(method, args)
        if service == "db":
            raise access_denied()  # listing databases is switched off
        if service != "object":
            raise builtin("KeyError", service, shown=repr(service))
        database, uid, secret, model, name, positional, *rest = args
        user = self._check_user(database, uid, secret)
        named = dict(rest[0]) if rest and rest[0] else {}
        return self._run(user, model, name, positional, named)

    def _common(self, method: str, args: list[Any]) -> Any:
        if method == "version":
            serie = f"{self.major}.0"
            return {
                "server_version": self.version,
                "server_version_info": [self.major, 0, 0, "final", 0, ""],
                "server_serie": serie,
                "protocol_version": 1,
            }
        database, login, secret, *_ = args
        if database != self.database:
            raise no_such_database(database)
        found = (user for user in self.users if user.login == login and secret in user.secrets)
        return next((user.uid for user in found), False)

    def _check_user(self, database: str, uid: object, secret: str) -> User:
        if database != self.database:
            raise no_such_database(database)
        for user in self.users:
            if user.uid == uid and secret in user.secrets:
                return user
        raise access_denied()

    # JSON-2

    def _json2(self, request: httpx.Request, subpath: str) -> httpx.Response:
        database = request.headers.get("x-odoo-database", self.database)
        model, _, method = subpath.partition("/")
        if database != self.database or request.method != "POST":
            page = _page(404, "Not Found", "The requested URL was not found on the server.")
            return httpx.Response(404, headers={"content-type": _HTML}, text=page)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        users = [user for user in self.users if key in user.secrets]
        if scheme.lower() != "bearer" or not users:
            return _http_error(401, "Unauthorized", "Invalid apikey")
        owner = next((user for user in users if user.login == self.login), users[0])
        try:
            body = orjson.loads(request.content or b"{}")
        except orjson.JSONDecodeError as error:
            return _http_error(400, "BadRequest", f"could not parse the body as json: {error}")
        return self._json2_call(owner, model, method, body)

    def _json2_call(
        self, user: User, model: str, name: str, body: Mapping[str, Any]
    ) -> httpx.Response:
        method = find_method(model, name, major=self.major)
        if model not in self.orm.fields:
            return _http_error(404, "NotFound", f"the model {model!r} does not exist")
        if method is None and not name.startswith("_"):
            said = f"The method '{model}.{name}' does not exist"
            return _http_error(404, "NotFound", said)
        named = {key: value for key, value in body.items() if key != "ids"}
        ids = body.get("ids", ())
        if method is not None and ids and not method.on_records:
            said = f"cannot call {model}.{name} with ids"
            return _http_error(422, "UnprocessableEntity", said)
        positional = [list(ids)] if method is not None and method.on_records else []
        try:
            result = self._run(user, model, name, positional, named)
        except _BadArguments as bad:
            return _http_error(422, "UnprocessableEntity", str(bad))
        except OdooError as error:
            return _json_response(error.status, error.data())
        if method is not None and method.gives_records and isinstance(result, int):
            result = [result]
        return _json_response(200, result, _SNIFF)

    # Both

    def _run(
        self, user: User, model: str, name: str, positional: list[Any], named: dict[str, Any]
    ) -> Any:
        """One call in a transaction of its own.

        Raises:
            OdooError: whatever it was, nothing is kept.
        """
        self.orm.tables.begin(self._snapshot)
        try:
            result = self._execute(user, model, name, positional, named)
        except OdooError:
            self.orm.tables.rollback()
            raise
        self.orm.tables.commit()
        return result

    def _execute(
        self, user: User, model: str, name: str, positional: list[Any], named: dict[str, Any]
    ) -> Any:
        if name.startswith("_"):
            text = f"Private methods (such as {name}) cannot be called remotely."
            raise access_error(text)
        if model not in self.orm.fields:
            raise user_error(f"Object {model} doesn't exist")
        method = find_method(model, name, major=self.major)
        if method is None:
            raise unknown_method(model, name)
        context = named.pop("context", None) or {}
        env = Env(user=user, now=self.clock.now() - self.transaction_age, context=context)
        ids: tuple[int, ...] = ()
        if method.on_records:
            first, *positional = positional
            ids = (first,) if isinstance(first, int) else tuple(first)
        call = Call(orm=self.orm, env=env, model=model, ids=ids)
        try:
            inspect.signature(method.function).bind(call, *positional, **named)
        except TypeError as error:
            raise _BadArguments(str(error)) from None
        return method.function(call, *positional, **named)


class _BadArguments(OdooError):
    """The arguments do not fit the method."""

    def __init__(self, text: str) -> None:
        super().__init__("builtins.TypeError", text)


def _json_response(
    status: int, body: Any, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return httpx.Response(
        status, headers={"content-type": _JSON, **(headers or {})}, content=orjson.dumps(body)
    )


def _http_error(status: int, name: str, message: str) -> httpx.Response:
    error = OdooError(f"werkzeug.exceptions.{name}", message, status=status)
    return _json_response(status, {**error.data(), "arguments": [message, status]})


def _page(status: int, title: str, text: str = "") -> str:
    shown = f"<p>{text}</p>\n" if text else ""
    return (
        f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n"
        f"<h1>{title}</h1>\n{shown}"
    )
