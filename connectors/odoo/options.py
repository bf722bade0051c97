"""What ``[connectors.NAME]`` may hold when its type is ``odoo``."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from connectors.odoo.fields import new_mapping
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.options import Duration, HttpConnectorOptions


class Interface(StrEnum):
    """Which of Odoo's interfaces is spoken."""

    AUTO = "auto"
    JSONRPC = "jsonrpc"  # until Odoo 21, with a login and a password or an API key
    JSON2 = "json2"  # from Odoo 19 on, with an API key alone


class OdooOptions(HttpConnectorOptions):
    """One Odoo database and the user who works in it.

    ``token_env`` or ``token_file`` name an API key, ``password_env`` or ``password_file`` a
    password; one of them is enough. ``auto`` takes JSON-2 where Odoo is 19 or later and there is an
    API key, else ``/jsonrpc``.
    """

    database: str
    login: str = ""
    api: Interface = Interface.AUTO
    password_env: str | None = None
    password_file: str | None = None
    longest_transaction: Duration = timedelta(minutes=10)
    """How far back each incremental reading begins again: longer than any import that people run,
    since a record's ``write_date`` is the beginning of its transaction, not its end."""
    email_is_domain: bool = False
    """The domain of a company's e-mail address counts as one of its domains."""
    page_size: int = Field(default=500, ge=1, le=5_000)

    @model_validator(mode="after")
    def check_login(self) -> Self:
        """See that somebody can log in."""
        if self.api is Interface.JSONRPC and not self.login:
            raise ValueError('api = "jsonrpc" needs login: the user\'s e-mail address in Odoo')
        if self.api is Interface.JSON2 and (self.password_env or self.password_file):
            raise ValueError('api = "json2" takes an API key: give token_env, not a password')
        return self

    def field_mapping(self) -> FieldMapping:
        """The default mapping with ``mapping`` over it.

        Raises:
            ValueError: a bad template, or what the connector writes itself.
        """
        return new_mapping(self.mapping)
