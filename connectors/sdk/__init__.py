"""Everything that a connector is written with; the daemon's side of the contract too."""

import sys

# httpx imports its own command line (rich, pygments, click) where these are installed: a dozen
# megabytes that an idle daemon never uses. It does without where the module cannot be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
