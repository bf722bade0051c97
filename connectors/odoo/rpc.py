"""One Odoo over either of its interfaces: calls go out, results or faults come back."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from connectors.odoo.options import Interface, OdooOptions
from connectors.odoo.verdicts import judge_json2, judge_jsonrpc
from connectors.sdk.faults import BadCredentials, NeedsPerson
from connectors.sdk.http import NO_HEADERS, Classify, HttpSession
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel

FIRST_JSON2 = 19
NOTHING: Mapping[str, Any] = {}


class Rpc(Protocol):
    """Remote calls of Odoo's methods."""

    def call(
        self,
        model: str,
        method: str,
        *,
        args: Mapping[str, Any] = NOTHING,
        named: Mapping[str, Any] = NOTHING,
        ids: Sequence[int] | None = None,
        idempotent: bool = True,
    ) -> Any:
        """The method's result. ``ids`` for methods of records; ``args`` in the method's order.

        Raises:
            Fault: what is to be done about it.
        """
        ...


class JsonRpc:
    """``/jsonrpc``: every answer is HTTP 200, errors too; who calls stands in each request."""

    def __init__(self, session: HttpSession, *, database: str, login: str, secret: str) -> None:
        self._session = session
        self._database = database
        self._login = login
        self._secret = secret
        self._uid: int | None = None

    def call(
        self,
        model: str,
        method: str,
        *,
        args: Mapping[str, Any] = NOTHING,
        named: Mapping[str, Any] = NOTHING,
        ids: Sequence[int] | None = None,
        idempotent: bool = True,
    ) -> Any:
        """See :class:`Rpc`."""
        positional = [] if ids is None else [list(ids)]
        who = [self._database, self.uid(), self._secret]
        rest = [model, method, [*positional, *args.values()], dict(named)]
        return self.serve("object", "execute_kw", [*who, *rest], idempotent=idempotent)

    def uid(self) -> int:
        """The user's id, asked for once.

        Raises:
            BadCredentials: Odoo refuses the login, or the password or key.
        """
        if self._uid is None:
            asked = [self._database, self._login, self._secret, {}]
            uid = self.serve("common", "authenticate", asked)
            if not isinstance(uid, int) or not uid:
                message = (
                    f'Odoo refuses the login "{self._login}" or its password or API key for the '
                    f'database "{self._database}"; check login, and token_env or password_env'
                )
                raise BadCredentials("unauthorized", message)
            self._uid = uid
        return self._uid

    def version(self) -> str:
        """The server's version, such as ``17.0-20240709``; no login is needed."""
        told = self.serve("common", "version", [])
        return str(told.get("server_version", "")) if isinstance(told, dict) else ""

    def serve(self, service: str, method: str, args: list[Any], *, idempotent: bool = True) -> Any:
        """One request to one of the server's services."""
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        reply = self._session.send("POST", "/jsonrpc", json=body, idempotent=idempotent)
        answer = reply.json()
        if not isinstance(answer, dict) or "jsonrpc" not in answer:
            text = f"{reply.where} answered with something that is not Odoo's; check base_url"
            raise reply.where.doubt("not_odoo", text, status=reply.status)
        return answer.get("result")


class Json2:
    """``/json/2/<model>/<method>``: an API key in a header, and real HTTP statuses."""

    def __init__(self, session: HttpSession) -> None:
        self._session = session

    def call(
        self,
        model: str,
        method: str,
        *,
        args: Mapping[str, Any] = NOTHING,
        named: Mapping[str, Any] = NOTHING,
        ids: Sequence[int] | None = None,
        idempotent: bool = True,
    ) -> Any:
        """See :class:`Rpc`."""
        body = {**args, **named, **({} if ids is None else {"ids": list(ids)})}
        path = f"/json/2/{model}/{method}"
        return self._session.send("POST", path, json=body, idempotent=idempotent).json()


class OdooServer:
    """The server of one connector; which interface it speaks is found out at the first call."""

    def __init__(self, options: OdooOptions, context: ConnectorContext) -> None:
        self._options = options
        self._context = context
        self._sessions: list[HttpSession] = []
        self._limiter = _new_limiter(options, context)
        self._old = self._new_jsonrpc()
        self._rpc: Rpc | None = None
        self.version = ""

    @property
    def speaks_json2(self) -> bool:
        """Whether it is JSON-2 that is spoken.

        Raises:
            Fault: it could not be found out.
        """
        return isinstance(self._chosen(), Json2)

    def call(
        self,
        model: str,
        method: str,
        *,
        args: Mapping[str, Any] = NOTHING,
        named: Mapping[str, Any] = NOTHING,
        ids: Sequence[int] | None = None,
        idempotent: bool = True,
    ) -> Any:
        """See :class:`Rpc`."""
        return self._chosen().call(
            model, method, args=args, named=named, ids=ids, idempotent=idempotent
        )

    def ask_version(self) -> str:
        """The server's version; empty where it no longer tells (Odoo 22 has no ``/jsonrpc``)."""
        try:
            self.version = self._old.version()
        except NeedsPerson as fault:
            if fault.status != HTTPStatus.NOT_FOUND:
                raise
            self.version = ""
        return self.version

    def close(self) -> None:
        """Close the pools; calling it twice is fine."""
        for session in self._sessions:
            session.close()

    def _chosen(self) -> Rpc:
        if self._rpc is None:
            wanted = self._options.api
            if wanted is Interface.AUTO:
                wanted = self._best_interface()
            self._rpc = self._new_json2() if wanted is Interface.JSON2 else self._with_login()
        return self._rpc

    def _best_interface(self) -> Interface:
        if not self._context.secrets.get("token"):
            return Interface.JSONRPC
        version = self.ask_version()
        modern = not version or major(version) >= FIRST_JSON2
        return Interface.JSON2 if modern else Interface.JSONRPC

    def _with_login(self) -> JsonRpc:
        if not self._options.login:
            message = (
                f"Odoo {self.version} is older than {FIRST_JSON2} and needs login: set it to the "
                "e-mail address of the user whom the API key belongs to"
            )
            raise NeedsPerson("login_missing", message)
        return self._old

    def _new_jsonrpc(self) -> JsonRpc:
        secrets = self._context.secrets
        return JsonRpc(
            self._new_session(partial(judge_jsonrpc, secrets=secrets.values())),
            database=self._options.database,
            login=self._options.login,
            secret=secrets.get("token") or secrets.get("password") or "",
        )

    def _new_json2(self) -> Json2:
        secrets = self._context.secrets
        key = secrets.get("token") or secrets.get("password") or ""
        headers = {"authorization": f"bearer {key}", "x-odoo-database": self._options.database}
        return Json2(self._new_session(partial(judge_json2, secrets=secrets.values()), headers))

    def _new_session(
        self, classify: Classify, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpSession:
        session = HttpSession(
            base_url=self._options.base_url,
            context=self._context,
            headers=headers,
            timeout=self._options.timeout,
            limiter=self._limiter,
            classify=classify,
        )
        self._sessions.append(session)
        return session


def _new_limiter(options: OdooOptions, context: ConnectorContext) -> RateLimiter | None:
    """Odoo has no published limit and sends no rate headers: only the operator's own applies."""
    if options.requests_per_second is None:
        return None
    rate = options.requests_per_second
    model = RateModel(limit=max(1.0, rate), per_seconds=max(1.0, 1.0 / rate))
    return RateLimiter(model, vendor=context.name, clock=context.clock, gate=context.rates)


def major(version: str) -> int:
    """The first number of a version such as ``17.0-20240709`` or ``saas~18.2``; 0: illegible."""
    digits = version.removeprefix("saas~").partition(".")[0]
    return int(digits) if digits.isdigit() else 0
