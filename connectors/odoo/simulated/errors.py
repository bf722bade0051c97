"""Odoo's exceptions as they leave the server, in the words of Odoo 17."""

from http import HTTPStatus
from typing import Any

CONFLICT = "could not serialize access due to concurrent update\n"
_TRACE = 'Traceback (most recent call last):\n  File "/opt/odoo/odoo/http.py", in _serve_db\n'


class OdooError(Exception):
    """One exception of the server.

    ``name`` is its class with the module, ``status`` what JSON-2 answers (``/jsonrpc`` always says
    200), ``loading`` how ``load()`` words it in its messages, where that differs.
    """

    def __init__(
        self,
        name: str,
        message: str,
        *,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        loading: str | None = None,
        shown: str | None = None,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.status = status
        self.loading = loading
        self.shown = message if shown is None else shown

    def data(self) -> dict[str, Any]:
        """The exception as both interfaces serialise it."""
        title = self.name.removeprefix("builtins.")
        return {
            "name": self.name,
            "debug": f"{_TRACE}{title}: {self.shown}\n",
            "message": self.message,
            "arguments": [self.message],
            "context": {},
        }

    def loading_message(self) -> dict[str, Any]:
        """What ``load()`` says of a row that met this exception."""
        if self.loading is not None:
            return {"message": self.loading}
        if self.name.startswith("odoo.exceptions."):
            return {"message": self.message}
        kind = self.name.removeprefix("builtins.")
        return {
            "message": f"Unknown error during import: <class '{kind}'>: {self.message}",
            "moreinfo": "Resolve other errors first",
        }


def access_denied() -> OdooError:
    """A wrong password or key."""
    return OdooError("odoo.exceptions.AccessDenied", "Access Denied", status=403)


def access_error(message: str) -> OdooError:
    """A right is missing."""
    return OdooError("odoo.exceptions.AccessError", message, status=403)


def user_error(message: str) -> OdooError:
    """A rule of the business was broken."""
    return OdooError("odoo.exceptions.UserError", message, status=422)


def validation_error(message: str) -> OdooError:
    """A rule of a model was broken."""
    return OdooError("odoo.exceptions.ValidationError", message, status=422)


def missing(model: str, record_id: int, uid: int) -> OdooError:
    """The record was deleted, or never was."""
    message = (
        f"Record does not exist or has been deleted.\n(Record: {model}({record_id},), User: {uid})"
    )
    return OdooError("odoo.exceptions.MissingError", message, status=404)


def integrity(message: str, *, loading: str | None = None) -> OdooError:
    """A constraint of the database; outside of ``load()`` Odoo wraps it."""
    text = f"The operation cannot be completed: {message}"
    return OdooError("odoo.exceptions.ValidationError", text, status=422, loading=loading)


def conflict() -> OdooError:
    """Two transactions met on one row; this one lost."""
    return OdooError("psycopg2.errors.SerializationFailure", CONFLICT, loading=CONFLICT)


def builtin(kind: str, message: str, *, shown: str | None = None) -> OdooError:
    """Python's own exceptions, which Odoo lets through."""
    return OdooError(f"builtins.{kind}", message, shown=shown)


def invalid_field(model: str, field: str) -> OdooError:
    """A field that the model does not have, in a read or a write."""
    return builtin("ValueError", f"Invalid field {field!r} on model {model!r}")


def no_such_database(database: str) -> OdooError:
    """PostgreSQL knows no such database."""
    message = (
        'connection to server at "db.crm.example", port 5432 failed: '
        f'FATAL:  database "{database}" does not exist\n'
    )
    return OdooError("psycopg2.OperationalError", message)
