"""The simulated interface of objects and fields (``/metadata`` and ``/rest/metadata``)."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from connectors.twenty.simulated.core import project
from connectors.twenty.simulated.fields import OBJECTS, Field
from connectors.twenty.simulated.graphql import Selection, parse_operation
from connectors.twenty.simulated.refusals import Refusal
from connectors.twenty.simulated.table import show_moment
from connectors.twenty.simulated.workspace import Steps, Workspace

_NAME = re.compile(r"[a-z][a-zA-Z0-9]*")


class Metadata:
    """Reading objects and fields, making fields, changing them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def answer(self, payload: Mapping[str, Any], *, may_change: bool) -> Steps[httpx.Response]:
        """Carry out one operation."""
        yield
        operation = parse_operation(payload["query"], payload.get("variables") or {})
        (asked,) = operation.fields
        try:
            _check_right(may_change=may_change or operation.kind == "query")
            result = self._resolve(asked)
        except Refusal as no:
            error = {"message": no.graphql, "extensions": {"code": no.code}}
            return httpx.Response(HTTPStatus.OK, json={"errors": [error], "data": None})
        data = {asked.name: project(result, asked.fields)}
        return httpx.Response(HTTPStatus.OK, json={"data": data})

    def _resolve(self, asked: Selection) -> Any:
        match asked.name:
            case "objects":
                return {"edges": [{"node": node} for node in self._objects()]}
            case "object":
                return self._company(asked.arguments["id"])
            case "createOneField":
                return _field_node(self._create(asked.arguments["input"]["field"]))
            case "updateOneField":
                return _field_node(self._update(asked.arguments["input"]))
        raise Refusal(f'Cannot query field "{asked.name}" on type "Query".')

    def read_object(self, object_id: str) -> Steps[httpx.Response]:
        """``GET /rest/metadata/objects/{id}``."""
        yield
        company = self._company(object_id)
        fields = [_field_details(each) for each in self._workspace.fields.values()]
        made = show_moment(self._workspace.made_at)
        details = {
            "id": company["id"],
            "dataSourceId": self._workspace.source_id,
            "nameSingular": "company",
            "namePlural": "companies",
            "isCustom": False,
            "isActive": True,
            "isSystem": False,
            "createdAt": made,
            "updatedAt": made,
            "labelIdentifierFieldMetadataId": self._workspace.fields["name"].id,
            "imageIdentifierFieldMetadataId": None,
            "labelSingular": "Company",
            "labelPlural": "Companies",
            "description": "A company",
            "icon": "IconBuildingSkyscraper",
            "fields": fields,
        }
        return httpx.Response(HTTPStatus.OK, json={"data": {"object": details}})

    def create_field(self, body: Mapping[str, Any], *, may_change: bool) -> Steps[httpx.Response]:
        """``POST /rest/metadata/fields``."""
        yield
        try:
            _check_right(may_change=may_change)
            field = self._create(body)
        except Refusal as no:
            words = no.message.replace('"', "'")
            answer = {"statusCode": 400, "messages": [words], "error": "Bad Request"}
            return httpx.Response(HTTPStatus.BAD_REQUEST, json=answer)
        data = {"createOneField": _field_details(field)}
        return httpx.Response(HTTPStatus.CREATED, json={"data": data})

    def _objects(self) -> list[dict[str, Any]]:
        ids = self._workspace.object_ids
        return [
            {
                "id": ids[name],
                "nameSingular": name,
                "namePlural": OBJECTS[name],
                "isCustom": False,
                "isActive": True,
            }
            for name in sorted(OBJECTS, key=ids.__getitem__, reverse=True)
        ]

    def _company(self, object_id: str) -> dict[str, Any]:
        found = next(node for node in self._objects() if node["nameSingular"] == "company")
        if found["id"] != object_id:
            raise Refusal("Object not found", code="NOT_FOUND")
        edges = [{"node": _field_node(each)} for each in self._workspace.fields.values()]
        return {**found, "fields": {"edges": edges}}

    def _create(self, given: Mapping[str, Any]) -> Field:
        name = given["name"]
        if not _NAME.fullmatch(name):
            raise Refusal(f"Name should be in camelCase: {name}")
        if name in self._workspace.fields:
            raise Refusal(
                f'Name "{name}" is not available, check that it is not duplicating another '
                "field's name."
            )
        field = Field(
            id=self._workspace.new_id(f"field:{name}"),
            name=name,
            type=given["type"],
            label=given["label"],
            description=given.get("description"),
            icon=given.get("icon"),
            is_nullable=given.get("isNullable", True),
            is_unique=given.get("isUnique", False),
            is_custom=True,
            made_at=self._workspace.now(),
        )
        self._workspace.fields[name] = field
        return field

    def _update(self, given: Mapping[str, Any]) -> Field:
        for field in self._workspace.fields.values():
            if field.id == given["id"]:
                field.is_unique = given["update"].get("isUnique", field.is_unique)
                field.is_active = given["update"].get("isActive", field.is_active)
                return field
        raise Refusal("Field not found", code="NOT_FOUND")


def _check_right(*, may_change: bool) -> None:
    if not may_change:
        raise Refusal("User does not have permission", code="FORBIDDEN")


def _field_node(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "label": field.label,
        "isUnique": field.is_unique,
        "isNullable": field.is_nullable,
        "isCustom": field.is_custom,
        "isSystem": field.is_system,
        "isActive": field.is_active,
    }


def _field_details(field: Field) -> dict[str, Any]:
    made = show_moment(field.made_at)
    return {
        "id": field.id,
        "type": field.type,
        "name": field.name,
        "isCustom": field.is_custom,
        "isActive": field.is_active,
        "isSystem": field.is_system,
        "isNullable": field.is_nullable,
        "createdAt": made,
        "updatedAt": made,
        "defaultValue": "uuid" if field.type == "UUID" else field.default(),
        "options": None,
        "label": field.label,
        "description": field.description,
        "icon": field.icon,
        "fromRelationMetadata": None,
        "toRelationMetadata": None,
    }
