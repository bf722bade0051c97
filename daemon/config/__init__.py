"""``config.toml`` and the environment, checked whole, as frozen values."""

from daemon.config.definitions import definition_from_json, definition_json
from daemon.config.loading import load_config
from daemon.config.models import Config
from daemon.config.problems import ConfigProblems, Problem
from daemon.config.secrets import missing_secrets, redacted_url, resolve_secrets, store_url

__all__ = [
    "Config",
    "ConfigProblems",
    "Problem",
    "definition_from_json",
    "definition_json",
    "load_config",
    "missing_secrets",
    "redacted_url",
    "resolve_secrets",
    "store_url",
]
