"""``python -m benchmarks.server NUMBER``: a local HubSpot that has rendered its pages beforehand.

The mirror is what is measured: rendering a page takes the sandbox longer than reading one takes the
mirror. So each page of the listing is rendered when it is first asked for, and kept.
"""

import sys
import threading

import httpx
import orjson

from connectors.sdk.simulator import Simulator
from daemon.sandbox.launch import SandboxOptions, make_simulators
from daemon.sandbox.server import SandboxServer, Site


class Rendered:
    """A simulator whose listing is rendered once."""

    def __init__(self, inner: Simulator) -> None:
        self._inner = inner
        self._pages: dict[str, httpx.Response] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The kept page, or what the simulator says."""
        address = str(request.url)
        if request.method != "GET" or "limit=" not in address:
            return self._inner.handle(request)
        if address not in self._pages:
            self._pages[address] = self._inner.handle(request)
        return self._pages[address]


def main(number: int) -> None:
    """Serve until stdin ends, which it does with whoever started this."""
    options = SandboxOptions(companies=2_000, crm=number)
    simulators = make_simulators(options)
    sites = {
        "extruct": Site(simulator=simulators.extruct),
        "hubspot": Site(simulator=Rendered(simulators.hubspot)),
    }
    server = SandboxServer(sites)
    urls = server.start()
    told = {
        "PROSPECTD_EXTRUCT__BASE_URL": urls["extruct"],
        "PROSPECTD_CONNECTORS__CRM__BASE_URL": urls["hubspot"],
        "EXTRUCT_API_TOKEN": options.extruct_token,
        "HUBSPOT_TOKEN": options.hubspot_token,
    }
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
    sys.stdout.flush()
    ended = threading.Thread(target=sys.stdin.read)
    ended.start()
    ended.join()
    server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
