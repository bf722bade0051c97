"""The users of a simulated EspoCRM, how they log in, and how they are locked out."""

import base64
import binascii
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from connectors.espocrm.simulated_answers import HTML_TYPE, HtmlRefusal, Refusal
from connectors.espocrm.simulated_fields import Attributes

LOCK_PERIOD = timedelta(seconds=60)
MOST_WRONG_LOGINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedUser:
    """One user with the rights of its roles; ``login`` is the API key, or the password."""

    user_id: str
    name: str
    login: str
    kind: str = "api"
    read: str = "all"
    edit: str = "all"
    delete: str = "all"
    create: bool = True
    stream: str = "all"
    imports: bool = False
    mass_update: bool = False
    created_at: str = "2026-11-21 16:50:23"
    modified_at: str = "2026-11-21 16:51:20"

    @property
    def is_admin(self) -> bool:
        """Whether it may do what administrators may: API users never may."""
        return self.kind == "admin"

    @property
    def rights(self) -> Attributes:
        """What it may do with Accounts."""
        create = "yes" if self.create else "no"
        rights = {"read": self.read, "stream": self.stream, "edit": self.edit}
        return rights | {"delete": self.delete, "create": create}

    def profile(self) -> Attributes:
        """What ``App/user`` tells about it."""
        return {
            "id": self.user_id,
            "name": self.name,
            "userName": self.name,
            "type": self.kind,
            "firstName": None,
            "lastName": self.name,
            "createdAt": self.created_at,
            "modifiedAt": self.modified_at,
            "ipAddress": "203.0.113.5",
            "createdById": "6b01cb9048700519d",
            "createdByName": "Admin",
        }


@dataclass(slots=True, kw_only=True)
class LoginGate:
    """Who is at the door. Everybody comes from one address, which wrong logins lock."""

    users: list[SimulatedUser]
    wrong: deque[datetime] = field(default_factory=deque)

    def admit(self, request: httpx.Request, now: datetime) -> SimulatedUser:
        """The user who sent the request.

        Raises:
            Refusal: 401 for no or a wrong login, an empty 403 once the address is locked.
        """
        name, secret = _credentials(request)
        if secret is None:
            challenge = {"www-authenticate": 'Basic realm=""', "content-type": HTML_TYPE}
            raise Refusal(401, headers=challenge)
        while self.wrong and self.wrong[0] <= now - LOCK_PERIOD:
            self.wrong.popleft()
        if len(self.wrong) > MOST_WRONG_LOGINS:
            raise HtmlRefusal(403)
        found = next((user for user in self.users if _is(user, name, secret)), None)
        if found is None:
            self.wrong.append(now)
            raise HtmlRefusal(401)
        return found


def _is(user: SimulatedUser, name: str | None, secret: str) -> bool:
    by_key = user.kind == "api" and name is None
    return user.login == secret and (by_key or (user.kind != "api" and user.name == name))


def _credentials(request: httpx.Request) -> tuple[str | None, str | None]:
    """User name (None with an API key) and secret (None without any login)."""
    key = request.headers.get("x-api-key")
    if key is not None:
        return None, key
    header = request.headers.get("espo-authorization", request.headers.get("authorization"))
    if header is None:
        return None, None
    try:
        text = base64.b64decode(header.removeprefix("Basic ").encode()).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, password = text.partition(":")
    return name, password
