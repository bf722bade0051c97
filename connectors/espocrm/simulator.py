"""A small EspoCRM 8.4, as running servers answer: its duplicate check, soft deletes and lock.

What it does beyond the recorded exchanges follows the source of version 8.4.2. It keeps one list,
the Accounts; of the rest of the API it knows what a connector may run into.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import httpx

from connectors.espocrm.simulated_accounts import MOST_PER_PAGE, AccountTable, Search
from connectors.espocrm.simulated_answers import (
    HtmlRefusal,
    Refusal,
    about,
    app_user,
    error_page,
    field_exists,
    settings,
)
from connectors.espocrm.simulated_fields import Attributes, first_failure
from connectors.espocrm.simulated_users import LoginGate, SimulatedUser
from connectors.espocrm.simulated_where import parse_brackets
from connectors.sdk.clock import Clock, SystemClock

APP_TIMESTAMP = 1795279759
DEFAULT_USERS = (
    SimulatedUser(user_id="6b01cbcfeffea4e70", name="sync", login="espo-key"),
    SimulatedUser(user_id="6b01cb9048700519d", name="admin", login="espo-admin", kind="admin"),
)
_API = "/api/v1/"
_LONGEST_ROUTE = 4


class EspoCrmSimulator:
    """EspoCRM at ``…/api/v1``. ``accounts`` and ``gate`` may be looked at and changed by a test.

    Args:
        users: who may log in.
        clock: what time it is on the server.
        random: for the last characters of ids.
        new_id: gives the ids in place of those made from the clock.
    """

    def __init__(
        self,
        *,
        users: Sequence[SimulatedUser] = DEFAULT_USERS,
        clock: Clock | None = None,
        random: Random | None = None,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._random = random or Random(0)
        self._made = 0
        self.gate = LoginGate(users=list(users))
        self.accounts = AccountTable(
            now=lambda: f"{self._clock.now():%Y-%m-%d %H:%M:%S}",
            new_id=new_id or self._new_id,
            user_names={user.user_id: user.name for user in users},
        )
        self._imports: dict[str, Attributes] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path
        parts = path.removeprefix(_API).split("/")
        if not path.startswith(_API) or len(parts) > _LONGEST_ROUTE:
            return error_page(404)
        if request.method == "PATCH" and parts == ["Account"]:
            return error_page(405, allow="GET, POST")
        try:
            user = self.gate.admit(request, self._clock.now())
            answer = self._answer(request, parts, user)
        except Refusal as refusal:
            return refusal.response()
        headers = {"content-type": "application/json", "x-app-timestamp": str(APP_TIMESTAMP)}
        return httpx.Response(200, headers=headers, content=json.dumps(answer).encode())

    @contextmanager
    def race(self) -> Iterator[None]:
        """While it lasts, no duplicate check sees a record that was made since it began."""
        before = set(self.accounts.records)
        made = self.accounts.new_id

        def unseen_id() -> str:
            record_id = made()
            self.accounts.unseen.add(record_id)
            return record_id

        self.accounts.new_id = unseen_id
        try:
            yield
        finally:
            self.accounts.new_id = made
            self.accounts.unseen.intersection_update(before)

    def live(self) -> list[Attributes]:
        """Every record that is not deleted, oldest first."""
        return [one for one in self.accounts.records.values() if not one["deleted"]]

    def _new_id(self) -> str:
        """Seconds, microseconds, four random digits: 17 hexadecimal ones in all."""
        now = self._clock.now()
        self._made += 1
        micro = (now.microsecond + self._made) & 0xFFFFF
        return f"{int(now.timestamp()):08x}{micro:05x}{self._random.randrange(0x10000):04x}"

    def _answer(self, request: httpx.Request, parts: list[str], user: SimulatedUser) -> Any:
        controllers = {
            "Account": self._account,
            "Action": self._action,
            "Admin": self._admin,
            "App": self._app,
            "Import": self._import,
            "MassAction": self._mass_action,
            "Metadata": self._metadata,
            "Settings": self._settings,
        }
        if parts[0] not in controllers:
            raise Refusal(404, f"Controller '{parts[0]}' does not exist.")
        return controllers[parts[0]](request, parts[1:], user)

    def _app(self, request: httpx.Request, rest: list[str], user: SimulatedUser) -> Any:
        match request.method, *rest:
            case "GET", "user":
                return app_user(user.profile(), user.rights)
            case "GET", "about":
                return about()
        raise Refusal(404, "")

    def _settings(self, _request: httpx.Request, _rest: list[str], _user: SimulatedUser) -> Any:
        return settings(self._clock.now().timestamp(), APP_TIMESTAMP)

    def _account(self, request: httpx.Request, rest: list[str], user: SimulatedUser) -> Any:
        accounts = self.accounts
        match request.method, *rest:
            case ("GET",):
                return accounts.listed(user, _search(request))
            case ("POST",):
                body = _body(request)
                skip = request.headers.get("x-skip-duplicate-check", "").lower() == "true"
                skip = skip or (isinstance(body, dict) and body.get("_skipDuplicateCheck") is True)
                return accounts.create(user, body, check=not skip)
            case "POST", "action", "restoreDeleted":
                if not user.is_admin:
                    raise Refusal(403, "")
                accounts.restore(_body(request).get("id", ""))
                return True
            case "GET", record_id:
                return accounts.read(user, record_id)
            case (("PUT" | "PATCH"), record_id):
                return accounts.update(user, record_id, _body(request))
            case "DELETE", record_id:
                accounts.delete(user, record_id)
                return True
        raise Refusal(404, "")

    def _metadata(self, request: httpx.Request, _rest: list[str], _user: SimulatedUser) -> Any:
        node: Any = {
            "entityDefs": {"Account": {"fields": self.accounts.fields}},
            "scopes": {"Account": {"duplicateCheckFieldList": ["name", "emailAddress"]}},
        }
        for part in request.url.params.get("key", "").split("."):
            node = node.get(part) if isinstance(node, dict) else None
        return node

    def _admin(self, request: httpx.Request, rest: list[str], user: SimulatedUser) -> Any:
        if not user.is_admin:
            raise Refusal(403, "")
        if (request.method, *rest) != ("POST", "fieldManager", "Account"):
            raise Refusal(404, "")
        body = dict(_body(request))
        name = str(body.pop("name", ""))
        name = f"c{name[:1].upper()}{name[1:]}"
        if name in self.accounts.fields:
            raise field_exists(name)
        self.add_field(name, {k: v for k, v in body.items() if k != "label"})
        return body | {"isCustom": True}

    def add_field(self, name: str, definition: Attributes) -> None:
        """A custom field, under its full name."""
        self.accounts.fields[name] = definition | {"isCustom": True}

    def _action(self, request: httpx.Request, _rest: list[str], user: SimulatedUser) -> Any:
        body = _body(request)
        if body.get("action") != "merge" or body.get("entityType") != "Account":
            raise Refusal(404, "")
        data = body.get("data") or {}
        sources, attributes = data.get("sourceIdList"), data.get("attributes")
        if not isinstance(sources, list):
            raise Refusal(400, "No 'sourceIdList'.")
        if not isinstance(attributes, dict):
            raise Refusal(400, "No 'attributes'.")
        return self.accounts.merge(user, str(body.get("id")), sources, attributes)

    def _mass_action(self, request: httpx.Request, _rest: list[str], user: SimulatedUser) -> Any:
        if not user.mass_update:
            raise HtmlRefusal(403, "No mass-update permission.")
        body = _body(request)
        ids = body.get("params", {}).get("ids", [])
        done = self.accounts.mass_update(user, ids, body.get("data"))
        return {"count": len(done), "ids": done}

    def _import(self, request: httpx.Request, rest: list[str], user: SimulatedUser) -> Any:
        if not user.imports:
            raise HtmlRefusal(403, "")
        match request.method, *rest:
            case "POST", "file":
                attachment = self.accounts.new_id()
                self._imports[attachment] = {"text": request.content.decode()}
                return {"attachmentId": attachment}
            case ("POST",):
                return self._run_import(_body(request), user)
            case "GET", import_id if import_id in self._imports:
                return self._imports[import_id]
        raise Refusal(404, "")

    def _run_import(self, body: Attributes, user: SimulatedUser) -> Attributes:
        import_id, at = self.accounts.new_id(), self.accounts.now()
        text = self._imports[body["attachmentId"]]["text"]
        rows = list(csv.reader(io.StringIO(text), delimiter=body["delimiter"]))
        created = doubled = 0
        for row in rows[1 if body.get("headerRow") else 0 :]:
            values = {k: v or None for k, v in zip(body["attributeList"], row, strict=False)}
            if first_failure(values, self.accounts.fields) is not None:
                continue
            # A duplicate is counted, and made all the same.
            doubled += bool(self.accounts.duplicates(user, values))
            self.accounts.insert(user, values)
            created += 1
        counts = {"importedCount": created, "duplicateCount": doubled, "updatedCount": 0}
        last = {"lastIndex": len(rows) - 1} if body.get("headerRow") else {"lastIndex": len(rows)}
        record = _import_record(body) | counts | last | {"id": import_id, "createdAt": at}
        record |= {"createdById": user.user_id, "createdByName": user.name}
        self._imports[import_id] = record
        reply = {"id": import_id, "countCreated": created, "countUpdated": 0}
        return reply | {"manualMode": body.get("manualMode", False)}


def _import_record(body: Attributes) -> Attributes:
    params: Attributes = {
        "action": body["action"], "currency": None, "dateFormat": None, "decimalMark": None,
        "defaultValues": {}, "personNameFormat": None, "silentMode": False,
        "startFromLastIndex": False, "phoneNumberCountry": None, "timeFormat": "",
        "timezone": None,
    }  # fmt: skip
    given = ("delimiter", "headerRow", "idleMode", "manualMode", "skipDuplicateChecking")
    params |= {name: body.get(name) for name in (*given, "textQualifier", "updateBy")}
    return {
        "deleted": False,
        "entityType": body["entityType"],
        "status": "Complete",
        "params": params,
        "attributeList": body["attributeList"],
        "fileId": body["attachmentId"],
        "fileName": "import-file.csv",
    }


def _body(request: httpx.Request) -> Any:
    try:
        return json.loads(request.content or b"{}")
    except ValueError:
        raise Refusal(500) from None


def _search(request: httpx.Request) -> Search:
    params = request.url.params
    if "searchParams" in params:
        raw = json.loads(params["searchParams"])
    else:
        names = ("maxSize", "offset", "orderBy", "order", "select")
        raw = {name: params[name] for name in names if name in params}
        raw["where"] = parse_brackets(params.multi_items(), "where")
        if "select" in raw:
            raw["select"] = raw["select"].split(",")
    order = str(raw.get("order") or "").lower()
    if order not in ("", "asc", "desc"):
        raise Refusal(400, "order value is bad.")
    return Search(
        where=raw.get("where") or (),
        select=None if raw.get("select") is None else tuple(raw["select"]),
        order_by=raw.get("orderBy") or "createdAt",
        descending=order == "desc" or (not order and not raw.get("orderBy")),
        offset=int(raw.get("offset") or 0),
        most=int(raw.get("maxSize") or MOST_PER_PAGE),
        with_total=request.headers.get("x-no-total") != "true",
    )
