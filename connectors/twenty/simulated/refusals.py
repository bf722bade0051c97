"""How the simulated server says no, in REST's words and in GraphQL's."""


class Refusal(Exception):
    """A request that the server does not carry out.

    ``error`` and ``message`` are what REST answers under status 400. GraphQL answers ``graphql``
    (the same message where it is empty) with the extension code ``code``, under status 200.
    """

    def __init__(
        self,
        message: str,
        *,
        error: str = "BadRequestException",
        graphql: str = "",
        code: str = "BAD_USER_INPUT",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error = error
        self.graphql = graphql or message
        self.code = code


def duplicate_domain() -> Refusal:
    """Another live company has this primary URL."""
    return Refusal(
        'duplicate key value violates unique constraint "IDX_UNIQUE_2a32339058d0b6910b0834ddf81"',
        graphql="Duplicate Domain Name. Please set a unique one.",
    )


def duplicate_id() -> Refusal:
    """A company with this id exists."""
    return Refusal("Record already exists", graphql="A duplicate entry was detected")


def entity_not_found(record_id: str) -> Refusal:
    """What an update or a deletion of a missing company answers: 400, not 404."""
    where = f'{{\n    "where": {{\n        "id": "{record_id}"\n    }}\n}}'
    message = f'Could not find any entity of type "company" matching: {where}'
    return Refusal(message, error="EntityNotFoundError", graphql="Record not found")


def unknown_column(name: str) -> Refusal:
    """A field in a body that the object does not have."""
    message = f'Field metadata for field "{name}" is missing in object metadata'
    return Refusal(message, error="Error", code="INTERNAL_SERVER_ERROR")


def unknown_field(name: str) -> Refusal:
    """A field in a filter or an order that the object does not have."""
    return Refusal(f"field '{name}' does not exist in 'company' object")


def null_name() -> Refusal:
    """The name is null."""
    message = 'null value in column "name" of relation "company" violates not-null constraint'
    return Refusal(message, code="INTERNAL_SERVER_ERROR")


def bad_syntax(kind: str, value: object) -> Refusal:
    """A value that PostgreSQL cannot read as this type."""
    message = f'invalid input syntax for type {kind}: "{value}"'
    return Refusal(message, code="INTERNAL_SERVER_ERROR")


def bad_link() -> Refusal:
    """A link whose address the server takes for none."""
    return Refusal("The URL of the link is not valid", error="Error")
