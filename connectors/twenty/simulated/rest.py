"""The simulated REST interface of companies."""

from collections.abc import Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from connectors.twenty.simulated.fields import accept_body
from connectors.twenty.simulated.filters import (
    matches,
    parse_rest_filter,
    parse_rest_order,
    rows_after,
    sort_rows,
    write_cursor,
)
from connectors.twenty.simulated.refusals import Refusal, duplicate_id, entity_not_found
from connectors.twenty.simulated.table import Row, primary_url
from connectors.twenty.simulated.workspace import Steps, Workspace

USUAL_LIMIT = 60


def refuse(refusal: Refusal) -> httpx.Response:
    """The refusal in REST's form."""
    body = {"statusCode": 400, "error": refusal.error, "messages": [refusal.message]}
    return httpx.Response(HTTPStatus.BAD_REQUEST, json=body)


class RestCompanies:
    """``/rest/companies``, ``/rest/companies/{id}``, ``/rest/batch/companies`` and duplicates."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._table = workspace.table

    def find_many(self, query: Mapping[str, str]) -> Steps[httpx.Response]:
        """A page of live companies; ``totalCount`` counts from the cursor on."""
        yield
        fields = self._workspace.fields
        limit = _limit(query.get("limit"))
        orders = parse_rest_order(query.get("order_by", ""), fields)
        rows = sort_rows(self._table.live_rows(), orders)
        if "starting_after" in query:
            rows = rows_after(rows, query["starting_after"], orders, fields)
        if "filter" in query:
            wanted = parse_rest_filter(query["filter"], fields)
            rows = [row for row in rows if matches(row, wanted, fields)]
        page = rows[:limit]
        info = {
            "hasNextPage": len(rows) > len(page),
            "startCursor": write_cursor(page[0], orders) if page else None,
            "endCursor": write_cursor(page[-1], orders) if page else None,
        }
        data = {"companies": [self._table.show(row) for row in page]}
        return httpx.Response(
            HTTPStatus.OK, json={"data": data, "pageInfo": info, "totalCount": len(rows)}
        )

    def find_one(self, record_id: str) -> Steps[httpx.Response]:
        """One live company; a missing one is a bad request."""
        yield
        return self._give("company", self._live(record_id, Refusal("Record not found")))

    def create_one(self, body: Mapping[str, Any]) -> Steps[httpx.Response]:
        """Look whether the id is live, then save: so what came in between is overwritten."""
        values = accept_body(self._workspace.fields, body)
        yield
        self._refuse_live(values)
        yield
        (record_id,) = self._table.save([values], self._workspace.now())
        yield
        missing = Refusal("Created record not found", error="Error")
        return self._give("createCompany", self._live(record_id, missing), HTTPStatus.CREATED)

    def create_many(self, bodies: list[Mapping[str, Any]]) -> Steps[httpx.Response]:
        """The same for many at once, all or none."""
        if not bodies:
            raise Refusal("Input must not be empty")
        values = [accept_body(self._workspace.fields, body) for body in bodies]
        yield
        for each in values:
            self._refuse_live(each)
        yield
        ids = self._table.save(values, self._workspace.now())
        yield
        missing = Refusal("Created record not found", error="Error")
        rows = [self._table.show(self._live(record_id, missing)) for record_id in ids]
        return httpx.Response(HTTPStatus.CREATED, json={"data": {"createCompanies": rows}})

    def update_one(self, record_id: str, body: Mapping[str, Any]) -> Steps[httpx.Response]:
        """Read the whole row, change it, write the whole row: parallel updates undo each other."""
        _check_uuid(record_id)
        change = accept_body(self._workspace.fields, body)
        stale = deepcopy(self._live(record_id, entity_not_found(record_id)))
        yield
        self._table.overwrite(stale, change, self._workspace.now())
        yield
        missing = Refusal("Updated record not found", error="Error")
        return self._give("updateCompany", self._live(record_id, missing))

    def delete_one(self, record_id: str) -> Steps[httpx.Response]:
        """Remove for good."""
        yield
        self._live(record_id, entity_not_found(record_id))
        del self._table.rows[record_id]
        return httpx.Response(HTTPStatus.OK, json={"data": {"deleteCompany": {"id": record_id}}})

    def find_duplicates(self, body: Mapping[str, Any]) -> Steps[httpx.Response]:
        """The live companies with the same name or primary address, for each that is given."""
        yield
        fields = self._workspace.fields
        orders = parse_rest_order("", fields)
        answers = []
        for each in body["data"]:
            given = accept_body(fields, each)
            rows = [row for row in self._table.live_rows() if _alike(row, given)]
            page = sort_rows(rows, orders)
            info = {
                "hasNextPage": False,
                "startCursor": write_cursor(page[0], orders) if page else None,
                "endCursor": write_cursor(page[-1], orders) if page else None,
            }
            shown = [self._table.show(row) for row in page]
            answers.append({"companyDuplicates": shown, "pageInfo": info, "totalCount": len(page)})
        return httpx.Response(HTTPStatus.OK, json={"data": answers})

    def _live(self, record_id: str, otherwise: Refusal) -> Row:
        row = self._table.live(record_id)
        if row is None:
            raise otherwise
        return row

    def _refuse_live(self, values: Row) -> None:
        if "id" in values and self._table.live(values["id"]) is not None:
            raise duplicate_id()

    def _give(self, name: str, row: Row, status: HTTPStatus = HTTPStatus.OK) -> httpx.Response:
        return httpx.Response(status, json={"data": {name: self._table.show(row)}})


def _alike(row: Row, given: Row) -> bool:
    url = primary_url(given) if "domainName" in given else None
    return bool(url and url == primary_url(row)) or (
        bool(given.get("name")) and given["name"] == row["name"]
    )


def _check_uuid(record_id: str) -> None:
    try:
        UUID(record_id)
    except ValueError:
        raise Refusal(f"'{record_id}' is not a valid UUID") from None


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL_LIMIT
    if not text.lstrip("-").isdigit():
        raise Refusal(f"limit '{text}' is invalid. Should be an integer")
    return int(text) or USUAL_LIMIT
