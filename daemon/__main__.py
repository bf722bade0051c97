"""The command ``prospectd``: exit codes 0 done, 1 something failed, 2 wrong command or config."""

import sys

import click

from connectors.sdk.faults import Fault
from daemon.cli import app
from daemon.cli.output import complain
from daemon.config.problems import ConfigProblems
from daemon.errors import ProspectdError


def main() -> None:
    """Run the command line, and say what failed once, in words, on stderr."""
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except ConfigProblems as problems:
        for problem in problems.problems:
            complain(f"{problem}")
        return 2
    except (ProspectdError, Fault) as error:
        complain(str(error))
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
