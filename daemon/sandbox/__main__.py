"""``python -m daemon.sandbox``: a sandbox as a process of its own."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields

from daemon.sandbox.launch import SandboxOptions, serve_sandbox

_HELP = {
    "seed": "the same seed makes the same companies",
    "companies": "how many companies can be found",
    "crm": "how many records the local HubSpot holds at the start",
    "known_share": "share of the companies that can be found which the CRM already knows",
    "faults": "share of requests that go wrong",
    "slow_seconds": "how late a slow reply comes",
    "extruct_port": "port of the local Extruct; 0: any free one",
    "hubspot_port": "port of the local HubSpot; 0: any free one",
    "host": "address to listen on",
    "credits": "Extruct credits at the start",
    "task_seconds": "how long a search takes",
    "index_lag": "for how many seconds HubSpot's search does not see a write",
}


def read_options(arguments: Sequence[str]) -> SandboxOptions:
    """Options of the command line; exits with 2 where they make no sense."""
    parser = argparse.ArgumentParser(prog="python -m daemon.sandbox", description=__doc__)
    defaults = {each.name: each.default for each in fields(SandboxOptions)}
    for name, text in _HELP.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=type(defaults[name]),
            default=defaults[name],
            help=f"{text} (%(default)s)",
        )
    return SandboxOptions(**vars(parser.parse_args(arguments)))


def main() -> int:
    """Serve until a signal; 1 when a port is taken."""
    try:
        serve_sandbox(read_options(sys.argv[1:]))
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot listen: {error}; choose other ports\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
