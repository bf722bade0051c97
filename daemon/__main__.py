"""The command ``prospectd``: exit codes 0 done, 1 something failed, 2 wrong command or config."""

import os
import sys

from connectors.sdk.faults import Fault
from daemon.cli import app
from daemon.cli.output import complain
from daemon.config.problems import ConfigProblems
from daemon.errors import ProspectdError


def main() -> None:
    """Run the command line, and say what failed once, in words, on stderr."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read along has had enough; Python would complain at its end, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code.

    Raises:
        BrokenPipeError: nobody reads stdout any more.
    """
    try:
        app(args=arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except ConfigProblems as problems:
        for problem in problems.problems:
            complain(f"{problem}")
        return 2
    except (ProspectdError, Fault) as error:
        complain(str(error))
        return 1
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        complain(f"The system refused it: {error.strerror or error}{where}.")
        return 1
    return 0


if __name__ == "__main__":
    main()
