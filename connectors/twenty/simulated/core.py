"""The simulated GraphQL interface of companies (``/graphql``)."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

import httpx

from connectors.twenty.simulated.fields import COMPOSITE, accept_body
from connectors.twenty.simulated.filters import (
    Order,
    matches,
    mentions,
    rows_after,
    sort_rows,
    with_id,
    write_cursor,
)
from connectors.twenty.simulated.graphql import Operation, Selection, parse_operation, suggestion
from connectors.twenty.simulated.refusals import Refusal
from connectors.twenty.simulated.table import Row
from connectors.twenty.simulated.workspace import (
    MOST_READ_BACK,
    Steps,
    Workspace,
    find_matches,
)

Resolver: TypeAlias = Callable[[Selection], Steps[Any]]
Act: TypeAlias = Callable[[str, Selection], Row]

_NO_USER = (
    "You're not authorized to do this. Note: This endpoint requires a user and won't work with "
    "just an API key."
)
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "CompanyConnection": {"totalCount": "", "pageInfo": "PageInfo", "edges": "CompanyEdge"},
    "CompanyEdge": {"cursor": "", "node": "Company"},
    "PageInfo": {"hasNextPage": "", "hasPreviousPage": "", "startCursor": "", "endCursor": ""},
    "User": {"id": "", "email": ""},
    "Workspace": {"id": "", "displayName": ""},
    **{kind: dict.fromkeys(parts, "") for kind, parts in COMPOSITE.items()},
}
_QUERIES = {
    "companies": "CompanyConnection",
    "currentUser": "User",
    "currentWorkspace": "Workspace",
}
_MUTATIONS = dict.fromkeys(
    (
        "createCompany",
        "createCompanies",
        "updateCompany",
        "updateCompanies",
        "deleteCompany",
        "deleteCompanies",
        "restoreCompany",
        "restoreCompanies",
        "destroyCompany",
        "destroyCompanies",
    ),
    "Company",
)


class Complaint(Exception):
    """The request is not valid: ``body`` is the whole answer, under this HTTP status."""

    def __init__(self, body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        super().__init__("not valid")
        self.body = body
        self.status = status


def cannot_query(selection: Selection, type_name: str, hint: str = "") -> Complaint:
    """A field is asked for that its type does not have."""
    message = f'Cannot query field "{selection.name}" on type "{type_name}".{hint}'
    place = {"line": 1, "column": selection.offset + 1}
    return Complaint({"errors": [{"message": message, "locations": [place]}]})


def project(value: Any, fields: tuple[Selection, ...]) -> Any:
    """Only what was asked for."""
    if isinstance(value, list) and fields:
        return [project(each, fields) for each in value]
    if not fields or value is None:
        return value
    return {each.name: project(value.get(each.name), each.fields) for each in fields}


class CoreGraphql:
    """Queries and mutations of companies."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._table = workspace.table
        self._resolvers: Mapping[str, Resolver] = {
            "companies": self._find,
            "currentUser": self._no_user,
            "currentWorkspace": self._current_workspace,
            "createCompany": self._create_one,
            "createCompanies": self._create_many,
            "updateCompany": self._one(self._update),
            "updateCompanies": self._many(self._update),
            "deleteCompany": self._one(self._soft_delete),
            "deleteCompanies": self._many(self._soft_delete),
            "restoreCompany": self._one(self._restore, deleted=True),
            "restoreCompanies": self._many(self._restore),
            "destroyCompany": self._one(self._destroy, deleted=True),
            "destroyCompanies": self._many(self._destroy),
        }

    def answer(self, payload: Mapping[str, Any], *, known: bool) -> Steps[httpx.Response]:
        """Carry out one operation; ``known`` says whether the sender showed a token."""
        variables = payload.get("variables") or {}
        operation = parse_operation(payload["query"], variables)
        try:
            self._check(operation, variables, known=known)
        except Complaint as complaint:
            return httpx.Response(complaint.status, json=complaint.body)
        data: dict[str, Any] = {}
        for selection in operation.fields:
            try:
                result = yield from self._resolvers[selection.name](selection)
            except Refusal as no:
                error = {"message": no.graphql, "extensions": {"code": no.code}}
                nothing = None if no.message == _NO_USER else {selection.name: None}
                return httpx.Response(HTTPStatus.OK, json={"errors": [error], "data": nothing})
            data[selection.name] = project(result, selection.fields)
        return httpx.Response(HTTPStatus.OK, json={"data": data})

    def _check(self, operation: Operation, variables: Mapping[str, Any], *, known: bool) -> None:
        root, shape = ("Query", _QUERIES) if operation.kind == "query" else ("Mutation", _MUTATIONS)
        for selection in operation.fields:
            if not known and selection.name == "companies":
                raise cannot_query(selection, root)
            self._check_selection(selection, root, shape)
        writable = [each.column for each in self._workspace.fields.values() if each.column]
        for name, spelled in operation.variable_types.items():
            if "CompanyCreateInput" in spelled or "CompanyUpdateInput" in spelled:
                for key in _keys(variables.get(name)):
                    if key not in writable:
                        raise _undefined(key, spelled.strip("[]!"), writable)

    def _check_selection(
        self, selection: Selection, type_name: str, shape: Mapping[str, str]
    ) -> None:
        if selection.name not in shape:
            raise cannot_query(selection, type_name, suggestion(selection.name, list(shape)))
        inner = shape[selection.name]
        for each in selection.fields:
            self._check_selection(each, inner, self._shape(inner))

    def _shape(self, type_name: str) -> Mapping[str, str]:
        if type_name != "Company":
            return _SHAPES.get(type_name, {})
        fields = self._workspace.fields.values()
        columns = {each.column: each.type for each in fields if each.column}
        return {**{each.name: each.type for each in fields}, **columns}

    def _no_user(self, _: Selection) -> Steps[Any]:
        yield
        raise Refusal(_NO_USER, code="INTERNAL_SERVER_ERROR")

    def _current_workspace(self, _: Selection) -> Steps[Any]:
        yield
        return {"id": self._workspace.id, "displayName": "Example"}

    def _find(self, asked: Selection) -> Steps[Any]:
        yield
        orders = with_id(_orders(asked.arguments.get("orderBy")))
        every = sort_rows(self._pool(asked.arguments.get("filter") or {}), orders)
        cursor = asked.arguments.get("after")
        fields = self._workspace.fields
        rows = rows_after(every, cursor, orders, fields) if cursor else every
        page = rows[: asked.arguments.get("first") or MOST_READ_BACK]
        edges = [{"cursor": write_cursor(r, orders), "node": self._table.show(r)} for r in page]
        info = {
            "hasNextPage": len(rows) > len(page),
            "hasPreviousPage": bool(cursor),
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        }
        return {"totalCount": len(every), "pageInfo": info, "edges": edges}

    def _create_one(self, asked: Selection) -> Steps[Any]:
        (row,) = yield from self._insert([asked.arguments["data"]])
        return row

    def _create_many(self, asked: Selection) -> Steps[Any]:
        given = asked.arguments["data"]
        make = self._upsert if asked.arguments.get("upsert") else self._insert
        rows = yield from make(given)
        return rows[:MOST_READ_BACK]

    def _insert(self, given: list[Mapping[str, Any]]) -> Steps[list[Row]]:
        values = self._accept(given)
        yield
        ids = self._table.insert(values, self._workspace.now())
        yield
        return self._read(ids)

    def _upsert(self, given: list[Mapping[str, Any]]) -> Steps[list[Row]]:
        values = self._accept(given)
        yield
        found = find_matches(self._workspace, values)
        yield
        known = [None if row is None else row["id"] for row in found]
        for record_id, change in zip(known, values, strict=True):
            if record_id is not None:
                self._table.update(record_id, change, self._workspace.now())
        yield
        fresh = [v for record_id, v in zip(known, values, strict=True) if record_id is None]
        made = iter(self._table.insert(fresh, self._workspace.now()))
        yield
        return self._read([record_id or next(made) for record_id in known])

    def _accept(self, given: list[Mapping[str, Any]]) -> list[Row]:
        """The values with the places before all others, as a mutation gives them."""
        least = self._table.least_position()
        return [
            {**accept_body(self._workspace.fields, each), "position": least - index - 1}
            for index, each in enumerate(given)
        ]

    def _read(self, ids: list[str]) -> list[Row]:
        return [self._table.show(row) for each in ids if (row := self._table.live(each))]

    def _one(self, act: Act, *, deleted: bool = False) -> Resolver:
        """A mutation of the company with the ``id`` that is given."""

        def resolve(asked: Selection) -> Steps[Any]:
            yield
            record_id = asked.arguments["id"]
            if record_id not in self._table.rows or (
                not deleted and self._table.live(record_id) is None
            ):
                raise Refusal("Record not found", code="NOT_FOUND")
            return act(record_id, asked)

        return resolve

    def _many(self, act: Act) -> Resolver:
        """A mutation of every company that passes the ``filter``."""

        def resolve(asked: Selection) -> Steps[Any]:
            yield
            return [act(row["id"], asked) for row in self._pool(asked.arguments["filter"])]

        return resolve

    def _update(self, record_id: str, asked: Selection) -> Row:
        return self._change(record_id, accept_body(self._workspace.fields, asked.arguments["data"]))

    def _soft_delete(self, record_id: str, _: Selection) -> Row:
        return self._change(record_id, {"deletedAt": self._workspace.now()})

    def _restore(self, record_id: str, _: Selection) -> Row:
        return self._change(record_id, {"deletedAt": None})

    def _destroy(self, record_id: str, _: Selection) -> Row:
        return self._table.show(self._table.rows.pop(record_id))

    def _change(self, record_id: str, change: Row) -> Row:
        self._table.update(record_id, change, self._workspace.now())
        return self._table.show(self._table.rows[record_id])

    def _pool(self, wanted: Mapping[str, Any]) -> list[Row]:
        """The rows that pass; soft-deleted ones only where the filter speaks of ``deletedAt``."""
        fields, table = self._workspace.fields, self._table
        rows = table.rows.values() if mentions(wanted, "deletedAt") else table.live_rows()
        return [row for row in rows if matches(row, wanted, fields)]


def _orders(given: list[Mapping[str, str]] | None) -> Iterator[Order]:
    for each in given or ():
        for name, direction in each.items():
            yield Order(name=name, descending=direction.startswith("Desc"))


def _keys(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        yield from each or ()


def _undefined(key: str, type_name: str, known: list[str]) -> Complaint:
    hint = suggestion(key, known)
    message = f'Field "{key}" is not defined by type "{type_name}".{hint}'
    error = {"message": message, "extensions": {"code": "BAD_USER_INPUT"}}
    return Complaint({"errors": [error]}, HTTPStatus.BAD_REQUEST)
