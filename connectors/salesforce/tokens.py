"""Access tokens by the client-credentials flow: got when needed, got anew when refused."""

import threading
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from connectors.salesforce.faults import classify_login
from connectors.salesforce.options import SalesforceOptions
from connectors.sdk.faults import Fault, NotProcessed
from connectors.sdk.http import HttpSession
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.replies import Reply

_PATH = "/services/oauth2/token"


class Tokens:
    """The token of one external client app. Salesforce does not tell how long one lasts."""

    def __init__(self, options: SalesforceOptions, context: ConnectorContext) -> None:
        self.instance_host = ""
        """The host that Salesforce names as the organisation's own, with the last token."""
        self.user_id = ""
        """The user that the app runs as."""
        self._context = context
        self._form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": options.client_id,
                "client_secret": context.secrets.get("client_secret", ""),
            }
        ).encode()
        self._lock = threading.Lock()
        self._token = ""
        self._session = HttpSession(
            base_url=options.base_url,
            context=context,
            timeout=options.timeout,
            classify=self._classify,
        )

    def headers(self) -> Mapping[str, str]:
        """The header that opens the API; asks for a token where there is none.

        Raises:
            Fault: there is no token to be had.
        """
        with self._lock:
            if not self._token:
                self._token = self._fetch()
            return {"authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Get another token, since Salesforce refused this one; always worth another try.

        Raises:
            Fault: there is no token to be had.
        """
        with self._lock:
            self._token = self._fetch()
        return True

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be shown."""
        return (*self._context.secrets.values(), self._token)

    def close(self) -> None:
        """Give back connections."""
        self._session.close()

    def _fetch(self) -> str:
        # To ask twice does no more than to ask once.
        reply = self._session.send(
            "POST",
            _PATH,
            content=self._form,
            headers={"content-type": "application/x-www-form-urlencoded"},
            idempotent=True,
        )
        body = reply.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            text = f"{reply.where} answered without a token; something else may be at base_url"
            raise NotProcessed("unexpected_shape", text, status=reply.status)
        self.instance_host = urlsplit(str(body.get("instance_url") or "")).hostname or ""
        self.user_id = str(body.get("id") or "").rpartition("/")[2]
        return token

    def _classify(self, reply: Reply) -> Fault | None:
        return classify_login(reply, now=self._context.clock.now(), secrets=self.secrets)
