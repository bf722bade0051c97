"""``python -m daemon.web.probe``: does the daemon on this machine live? For a container's check.

It needs neither curl nor the configuration: the address is the first argument, else
``PROSPECTD_HTTP__LISTEN``, else the default. Exit code 0: it lives; 1: it does not.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

DEFAULT = "127.0.0.1:8080"
_WAIT = 6.0
_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound


def main() -> int:
    """Ask ``/livez`` and say what came."""
    argument = sys.argv[1] if len(sys.argv) > 1 else None
    listen = argument or os.environ.get("PROSPECTD_HTTP__LISTEN", DEFAULT)
    if not listen:
        print("the daemon's port is switched off: nothing to ask")  # noqa: T201 - its only output
        return 0
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    connection = HTTPConnection(_WILDCARDS.get(host, host), int(port), timeout=_WAIT)
    try:
        connection.request("GET", "/livez")
        reply = connection.getresponse()
        print(reply.read().decode(errors="replace"))  # noqa: T201 - its only output
    except (OSError, HTTPException) as error:
        print(f"no answer from {listen}: {error}", file=sys.stderr)  # noqa: T201 - its only output
        return 1
    finally:
        connection.close()
    return 0 if reply.status == 200 else 1  # noqa: PLR2004 - HTTP's own number


if __name__ == "__main__":
    sys.exit(main())
