"""What each endpoint of a simulated Salesforce does."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol, TypeAlias

import httpx
import orjson

from connectors.salesforce.simulated.catalogue import Json
from connectors.salesforce.simulated.org import Org
from connectors.salesforce.simulated.soql import BadQuery, Parser
from connectors.salesforce.simulated.writing import Malformed, Rules, clean, error, problems

Answered: TypeAlias = tuple[int, Any]

MOST_RECORDS = 200
_SETUP = {
    "PermissionSet": ("Id", "Name"),
    "PermissionSetAssignment": ("Id", "AssigneeId", "PermissionSetId"),
    "ObjectPermissions": ("Id", "ParentId", "SobjectType", "PermissionsViewAllRecords"),
}


class Refused(Exception):
    """A whole request that is answered with an error, in a list of one."""

    def __init__(self, status: int, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields

    @property
    def body(self) -> list[Json]:
        """Salesforce's errors are lists."""
        shown: Json = {"message": str(self), "errorCode": self.code}
        return [{**shown, "fields": list(self.fields)} if self.fields else shown]


class Site(Protocol):
    """What the endpoints need of the simulator."""

    org: Org
    rules: Rules
    rights: set[str]
    page_size: int
    version: str


class Endpoints:
    """One method for each endpoint: from a request to a status and a body."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._org = site.org
        self._left: dict[str, list[Json]] = {}
        """What is left of each query, by its locator."""

    # Reading.

    def query(self, request: httpx.Request) -> Answered:
        """``GET /query``: without the recycle bin."""
        return self._query(request, with_deleted=False)

    def query_all(self, request: httpx.Request) -> Answered:
        """``GET /queryAll``: with it."""
        return self._query(request, with_deleted=True)

    def query_more(self, request: httpx.Request, locator: str) -> Answered:  # noqa: ARG002 - the shape of an endpoint
        """``GET /query/{locator}``: the next page; may be asked for again."""
        if locator not in self._left:
            raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return 200, self._page(self._left[locator])

    def describe(self, request: httpx.Request) -> Answered:  # noqa: ARG002 - the shape of an endpoint
        """``GET /sobjects/Account/describe``: the fields that the user may see."""
        fields = list(self._org.visible_fields().values())
        body = {"name": "Account", "createable": True, "queryable": True, "fields": fields}
        return 200, body | {"createable": "create" in self._site.rights}

    def _query(self, request: httpx.Request, *, with_deleted: bool) -> Answered:
        names = self._org.visible_fields()
        try:
            tables = {"Account": tuple(names), **_SETUP}
            query = Parser(request.url.params.get("q", ""), tables).parse()
        except BadQuery as bad:
            raise Refused(400, bad.code, str(bad)) from bad
        if query.table != "Account":
            rows = self._org.setup_rows(query.table)
        else:
            rows = [each.row(names) for each in self._org.shown(with_deleted=with_deleted)]
        found = [_shown(row, query.fields, query.table) for row in query.run(rows)]
        return 200, self._page(found)

    def _page(self, rows: list[Json]) -> Json:
        size = self._site.page_size
        body: Json = {"totalSize": len(rows), "done": True, "records": rows[:size]}
        if len(rows) > size:
            locator = f"01g{len(self._left):015d}-{size}"
            self._left[locator] = rows[size:]
            body["done"] = False
            body["nextRecordsUrl"] = f"/services/data/v{self._site.version}/query/{locator}"
        return body

    # Writing.

    def insert(self, request: httpx.Request) -> Answered:
        """``POST /composite/sobjects``: new records, each by itself."""
        return 200, self._each(request, self._insert)

    def upsert(self, request: httpx.Request, name: str) -> Answered:
        """``PATCH /composite/sobjects/Account/{field}``: by an external ID, in the body."""
        definition = self._org.visible_fields().get(name)
        if definition is None or not definition["externalId"]:
            message = f"Field name provided, {name} does not match an External ID"
            raise Refused(404, "NOT_FOUND", message)
        return 200, self._each(request, lambda v, allow: self._upsert(v, name, allow_save=allow))

    def _each(self, request: httpx.Request, write: Any) -> list[Json]:
        self._need("create")
        body = _json(request)
        records = body.get("records")
        if not isinstance(records, list) or not 0 < len(records) <= MOST_RECORDS:
            message = f"record list size must be between 1 and {MOST_RECORDS}"
            raise Refused(400, "INVALID_INPUT", message)
        if body.get("allOrNone", False):
            raise Refused(400, "INVALID_INPUT", "the simulator knows allOrNone=false only")
        header = request.headers.get("sforce-duplicate-rule-header", "")
        allow = "allowSave=true" in header
        try:
            cleaned = [clean(self._org, record) for record in records]
        except Malformed as bad:
            raise Refused(400, bad.code, str(bad)) from bad
        return [write(values, allow) for values in cleaned]

    def _insert(self, values: Json, allow_save: bool) -> Json:
        found = problems(self._org, self._site.rules, values, before=None, allow_save=allow_save)
        if found:
            return {"success": False, "errors": found}
        return {"id": self._org.insert(values).id, "success": True, "errors": []}

    def _upsert(self, values: Json, name: str, *, allow_save: bool) -> Json:
        if values.get(name) is None:
            missing = error("MISSING_ARGUMENT", f"{name} not specified", name)
            return {"success": False, "errors": [missing]}
        before = self._org.holder(name, values[name])
        if before is None:
            done = self._insert(values, allow_save)
            return done | {"created": done["success"]}
        found = problems(self._org, self._site.rules, values, before=before, allow_save=allow_save)
        if found:
            return {"success": False, "errors": found, "created": False}
        self._org.update(before, values)
        return {"id": before.id, "success": True, "errors": [], "created": False}

    # The set-up.

    def create_field(self, request: httpx.Request) -> Answered:
        """``POST /tooling/sobjects/CustomField``: hidden from everybody at first."""
        self._need("customize")
        body = _json(request)
        table, _, name = str(body["FullName"]).partition(".")
        if table != "Account" or not name.endswith("__c"):
            raise Refused(400, "FIELD_INTEGRITY_EXCEPTION", "field name", "FullName")
        if name in self._org.fields:
            message = f"There is already a field named {name[:-3]} on Account."
            raise Refused(400, "DUPLICATE_DEVELOPER_NAME", message, "DeveloperName")
        self._org.add_field(name, body["Metadata"], hidden=True)
        return _made(self._org.new_id("00N"))

    def create_permission_set(self, request: httpx.Request) -> Answered:
        """``POST /sobjects/PermissionSet``."""
        self._need("permissions")
        name = _json(request)["Name"]
        if name in self._org.permission_sets:
            raise Refused(400, "DUPLICATE_DEVELOPER_NAME", "The Name is already in use", "Name")
        self._org.permission_sets[name] = self._org.new_id("0PS")
        return _made(self._org.permission_sets[name])

    def assign(self, request: httpx.Request) -> Answered:
        """``POST /sobjects/PermissionSetAssignment``."""
        self._need("permissions")
        body = _json(request)
        pair = (body["AssigneeId"], body["PermissionSetId"])
        if pair in self._org.assigned:
            raise Refused(400, "DUPLICATE_VALUE", "Duplicate PermissionSetAssignment")
        self._org.assigned.add(pair)
        return _made(self._org.new_id("0Pa"))

    def grant(self, request: httpx.Request) -> Answered:
        """``POST /sobjects/FieldPermissions``."""
        self._need("permissions")
        body = _json(request)
        name = str(body["Field"]).partition(".")[2]
        if name not in self._org.fields:
            raise Refused(400, "INVALID_FIELD", f"field name not found: {body['Field']}", "Field")
        if (body["ParentId"], name) in self._org.grants:
            raise Refused(400, "DUPLICATE_VALUE", "duplicate value found: ParentId, Field")
        self._org.grants.add((body["ParentId"], name))
        return _made(self._org.new_id("01k"))

    def _need(self, right: str) -> None:
        if right not in self._site.rights:
            message = "insufficient access rights on object id"
            raise Refused(403, "INSUFFICIENT_ACCESS", message)


def _made(record_id: str) -> Answered:
    return int(HTTPStatus.CREATED), {"id": record_id, "success": True, "errors": []}


def _json(request: httpx.Request) -> Json:
    try:
        parsed = orjson.loads(request.content)
    except orjson.JSONDecodeError as bad:
        raise Refused(400, "JSON_PARSER_ERROR", str(bad)) from bad
    if not isinstance(parsed, dict):
        raise Refused(400, "JSON_PARSER_ERROR", "an object is wanted")
    return parsed


def _shown(row: Mapping[str, Any], fields: tuple[str, ...], table: str) -> Json:
    body: Json = {"attributes": {"type": table, "url": f"/sobjects/{table}/{row['Id']}"}}
    for name in fields:
        value = row[name]
        body[name] = stamp(value) if isinstance(value, datetime) else value
    return body


def stamp(moment: datetime) -> str:
    """A moment as Salesforce writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
