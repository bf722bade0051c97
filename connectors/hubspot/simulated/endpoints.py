"""What each endpoint of a simulated HubSpot does."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Protocol, TypeAlias

import httpx
import orjson

from connectors.hubspot.simulated.answers import (
    Json,
    Refused,
    batch_body,
    company_body,
    indexed_body,
    item_error,
    missing_error,
)
from connectors.hubspot.simulated.portal import UNIQUE_PROPERTIES, Company, Invalid, Portal, stamp
from connectors.hubspot.simulated.searching import BadSearch, check_search, find
from connectors.hubspot.simulated.writing import check_values

Answered: TypeAlias = tuple[int, Any]
Write: TypeAlias = Callable[[Json], Json]

MAX_BATCH = 100
_VALIDATION = "VALIDATION_ERROR"


class Account(Protocol):
    """What the endpoints need of the simulator."""

    portal: Portal
    random: Random
    conflict_on_upsert: bool
    multi_status: bool
    echoes_trace_ids: bool
    merge_makes_new_id: bool


class Endpoints:
    """One method for each endpoint: from a request to a status and a body."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._portal = account.portal

    # Reading.

    def list_companies(self, request: httpx.Request) -> Answered:
        """``GET /companies``: by id, at most 100 a page."""
        query = request.url.params
        limit = int(query.get("limit", "10"))
        if not 0 < limit <= MAX_BATCH:
            raise Refused(400, _VALIDATION, f"limit must be between 1 and {MAX_BATCH}")
        archived = query.get("archived") == "true"
        found = self._portal.page(int(query.get("after", "0")), limit, archived=archived)
        names = _names(query.get_list("properties"))
        body: Json = {"results": [company_body(each, names) for each in found]}
        last = found[-1].id if found else 0
        if found and self._portal.page(last, 1, archived=archived):
            body["paging"] = {"next": {"after": str(last)}}
        return 200, body

    def get_company(self, request: httpx.Request, record_id: str) -> Answered:
        """``GET /companies/{id}``: a merged-away id answers with the survivor."""
        company = self._live(record_id)
        return 200, company_body(company, _names(request.url.params.get_list("properties")))

    def batch_read(self, request: httpx.Request) -> Answered:
        """``POST /batch/read``: by id or by a unique property; 207 names what is not there."""
        body = _json(request)
        inputs = _inputs(body)
        id_property = body.get("idProperty")
        archived = request.url.params.get("archived") == "true"
        if id_property is not None:
            self._must_be_unique(id_property)
        found: list[Json] = []
        missing: list[str] = []
        for each in inputs:
            company = self._find(each["id"], id_property, archived=archived)
            if company is None:
                missing.append(each["id"])
            else:
                names = [*body["properties"], *([id_property] if id_property else [])]
                found.append(company_body(company, names))
        self._account.random.shuffle(found)
        errors = [missing_error(missing)] if missing else []
        return (207 if errors else 200), batch_body(found, errors, self._portal.clock.now())

    def search(self, request: httpx.Request) -> Answered:
        """``POST /search``: the index, with its lag."""
        body = _json(request)
        self._portal.refresh_index()
        try:
            check_search(body, len(request.content), self._portal.definitions)
            total, rows = find(self._portal.index.values(), body, self._portal.definitions)
        except BadSearch as bad:
            raise Refused(400, _VALIDATION, str(bad)) from bad
        names = body.get("properties", [])
        reply: Json = {"total": total, "results": [indexed_body(row, names) for row in rows]}
        end = int(body.get("after") or 0) + len(rows)
        if rows and end < total:
            reply["paging"] = {"next": {"after": str(end)}}
        return 200, reply

    # Writing.

    def batch_create(self, request: httpx.Request) -> Answered:
        """``POST /batch/create``."""
        return self._batch(request, self._create, 201)

    def batch_upsert(self, request: httpx.Request) -> Answered:
        """``POST /batch/upsert`` by a unique property."""
        inputs = _inputs(_json(request))
        keys = [(each.get("idProperty"), each["id"]) for each in inputs]
        for name in {name for name, _ in keys}:
            self._must_be_unique(name)
        twice = sorted({key for _, key in keys if keys.count((keys[0][0], key)) > 1})
        if twice:
            message = f"Duplicate IDs found in batch input: {twice}. IDs must be unique"
            raise Refused(400, _VALIDATION, message, context={"ids": twice})
        return self._batch(request, self._upsert, 200)

    def merge(self, request: httpx.Request) -> Answered:
        """``POST /merge``."""
        body = _json(request)
        survivor = self._live(body["primaryObjectId"])
        lost = self._live(body["objectIdToMerge"])
        if survivor is lost:
            raise Refused(400, _VALIDATION, "Cannot merge an object with itself")
        self._portal.merge(survivor, lost)
        if self._account.merge_makes_new_id:
            fresh = self._portal.create({})
            self._portal.merge(fresh, survivor)
            survivor = fresh
        return 200, company_body(survivor, ["hs_merged_object_ids"])

    def patch_company(self, request: httpx.Request, record_id: str) -> Answered:
        """``PATCH /companies/{id}``."""
        company, properties = self._live(record_id), _json(request)["properties"]
        try:
            check_values(self._portal, properties, creating=False)
            self._portal.update(company, properties)
        except Invalid as invalid:
            raise Refused(400, _VALIDATION, invalid.message) from invalid
        return 200, company_body(company, properties)

    def delete_company(self, request: httpx.Request, record_id: str) -> Answered:  # noqa: ARG002 - the shape of a handler
        """``DELETE /companies/{id}``: to the archive; what is not there is fine."""
        company = self._portal.company(int(record_id))
        if company is not None and company.live:
            self._portal.archive(company)
        return 204, None

    # The schema.

    def list_properties(self, request: httpx.Request) -> Answered:  # noqa: ARG002 - the shape of a handler
        """``GET /properties/companies``."""
        return 200, {"results": list(self._portal.definitions.values())}

    def get_property(self, request: httpx.Request, name: str) -> Answered:  # noqa: ARG002 - the shape of a handler
        """``GET /properties/companies/{name}``."""
        if name not in self._portal.definitions:
            raise Refused(404, "OBJECT_NOT_FOUND", f"property {name} does not exist")
        return 200, self._portal.definitions[name]

    def create_property(self, request: httpx.Request) -> Answered:
        """``POST /properties/companies``: 409 where the name is taken."""
        body = _json(request)
        if body["name"] in self._portal.definitions:
            message = f'A property named "{body["name"]}" already exists.'
            raise Refused(409, "OBJECT_ALREADY_EXISTS", message)
        if body["groupName"] not in self._portal.groups:
            raise Refused(400, _VALIDATION, f'group "{body["groupName"]}" does not exist')
        taken = sum(1 for each in self._portal.definitions.values() if each.get("hasUniqueValue"))
        if body.get("hasUniqueValue") and taken >= UNIQUE_PROPERTIES:
            message = f"the maximum of {UNIQUE_PROPERTIES} unique properties has been reached"
            raise Refused(400, _VALIDATION, message)
        now = stamp(self._portal.clock.now())
        made = {"description": "", "options": [], "hasUniqueValue": False, "createdAt": now, **body}
        self._portal.definitions[body["name"]] = made
        return 201, made

    def list_groups(self, request: httpx.Request) -> Answered:  # noqa: ARG002 - the shape of a handler
        """``GET /properties/companies/groups``."""
        groups = [{"archived": False, **each} for each in self._portal.groups.values()]
        return 200, {"results": groups}

    def create_group(self, request: httpx.Request) -> Answered:
        """``POST /properties/companies/groups``: 409 where the name is taken."""
        body = _json(request)
        if body["name"] in self._portal.groups:
            message = f'A property group named "{body["name"]}" already exists.'
            raise Refused(409, "OBJECT_ALREADY_EXISTS", message)
        self._portal.groups[body["name"]] = body
        return 201, {"archived": False, **body}

    # Within.

    def _batch(self, request: httpx.Request, write: Write, status: int) -> Answered:
        inputs = _inputs(_json(request))
        traces = [each.get("objectWriteTraceId") for each in inputs]
        traced = self._account.multi_status and None not in traces
        if traced and len(set(traces)) < len(traces):
            raise Refused(400, _VALIDATION, "objectWriteTraceId must be unique in a batch")
        if not traced:
            self._check_all(inputs)
        results, errors = [], []
        for each in inputs:
            try:
                results.append(write(each))
            except Invalid as invalid:
                errors.append(item_error(invalid, each.get("objectWriteTraceId")))
        self._account.random.shuffle(results)
        self._account.random.shuffle(errors)
        body = batch_body(results, errors, self._portal.clock.now())
        return (207 if errors else status), body

    def _check_all(self, inputs: list[Json]) -> None:
        """Without trace ids one bad record refuses the whole batch, before anything is written."""
        try:
            for each in inputs:
                new = self._target(each) is None
                check_values(self._portal, each["properties"], creating=new)
        except Invalid as invalid:
            raise Refused(400, _VALIDATION, invalid.message) from invalid

    def _target(self, each: Mapping[str, Any]) -> Company | None:
        id_property = each.get("idProperty")
        return None if id_property is None else self._portal.holder(id_property, each["id"])

    def _create(self, each: Json) -> Json:
        check_values(self._portal, each["properties"], creating=True)
        return self._written(self._portal.create(each["properties"]), each)

    def _upsert(self, each: Json) -> Json:
        keyed = {**each["properties"], each["idProperty"]: each["id"]}
        company = self._target(each)
        check_values(self._portal, keyed, creating=company is None)
        if company is None or self._account.conflict_on_upsert:
            return {**self._written(self._portal.create(keyed), each), "new": True}
        self._portal.update(company, keyed)
        return {**self._written(company, each), "new": False}

    def _written(self, company: Company, each: Json) -> Json:
        body = company_body(company, each["properties"])
        if self._account.echoes_trace_ids and "objectWriteTraceId" in each:
            body["objectWriteTraceId"] = each["objectWriteTraceId"]
        return body

    def _find(self, value: str, id_property: str | None, *, archived: bool) -> Company | None:
        if id_property is not None:
            finder = self._portal.archived_holder if archived else self._portal.holder
            return finder(id_property, value)
        company = self._portal.company(int(value)) if value.isdigit() else None
        if company is not None and company.merged_into is not None and not archived:
            return self._survivor(company)
        if company is None or (company.archived_at is not None) != archived:
            return None
        return company

    def _survivor(self, company: Company) -> Company | None:
        seen: Company | None = company
        while seen is not None and seen.merged_into is not None:
            seen = self._portal.company(seen.merged_into)
        return seen if seen is not None and seen.live else None

    def _live(self, record_id: str) -> Company:
        company = self._find(record_id, None, archived=False)
        if company is None:
            raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")
        return company

    def _must_be_unique(self, name: str | None) -> None:
        if name is None or not self._portal.is_unique(name):
            message = f'Property "{name}" does not exist or is not a unique identifier property'
            raise Refused(400, _VALIDATION, message)


def _json(request: httpx.Request) -> Json:
    try:
        parsed = orjson.loads(request.content)
    except orjson.JSONDecodeError as error:
        raise Refused(400, _VALIDATION, "Invalid input JSON") from error
    if not isinstance(parsed, dict):
        raise Refused(400, _VALIDATION, "Invalid input JSON")
    return parsed


def _inputs(body: Json) -> list[Json]:
    inputs: list[Json] = body.get("inputs", [])
    if len(inputs) > MAX_BATCH:
        raise Refused(400, _VALIDATION, f"At most {MAX_BATCH} inputs are allowed in a batch")
    return inputs


def _names(values: list[str]) -> list[str]:
    return [name for value in values for name in value.split(",")]
