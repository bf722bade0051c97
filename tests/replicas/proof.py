"""What must be true of the vendors and the store after whatever the processes went through."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from daemon.domain.hostnames import domain_keys
from tests.support.processes import SandboxProcess, prospectd

CONFIG = """
[extruct]
poll_every = "200ms"
settling = "3s"
timeout = "3s"
[http]
listen = ""
[daemon]
schedule_every = "200ms"
push_every = "200ms"
resolve_every = "300ms"
lease = "6s"
[retries]
first = "200ms"
longest = "1s"
[connectors.crm]
type = "hubspot"
token_env = "HUBSPOT_TOKEN"
mirror_every = "2s"
timeout = "3s"
"""
SEARCHES = ("freight forwarding software", "warehouse automation with robots")
SEARCH = """
[searches.search-{number}]
query = "{query}"
desired_num_results = 30
schedule = "{schedule}"
push_to = ["crm"]
"""
LOST_REPLY = 150.0
"""Seconds within which the last doubts are settled: HubSpot's settling time is two minutes."""


@dataclass(slots=True)
class Stage:
    """A sandbox, a configuration, and how both looked before anything ran."""

    sandbox: SandboxProcess
    folder: Path
    store_url: str
    schedule: str = "once"
    before: Counter[str] = field(init=False)
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        """Write the configuration, and remember whom the CRM holds."""
        self.config = self.folder / "config.toml"
        searches = [
            SEARCH.format(number=n, query=query, schedule=self.schedule)
            for n, query in enumerate(SEARCHES)
        ]
        self.config.write_text(CONFIG + "".join(searches), encoding="utf-8")
        self.before = self.holders()

    @property
    def env(self) -> Mapping[str, str]:
        """The sandbox's addresses and tokens, and the store."""
        return {**self.sandbox.env, "PROSPECTD_STORE__URL": self.store_url}

    def holders(self) -> Counter[str]:
        """How many records of the CRM have each domain."""
        return Counter(
            key
            for record in self.sandbox.state("hubspot")["companies"]
            for key in set(_domains(record["properties"]))
        )

    def listed(self, command: str) -> list[dict[str, Any]]:
        """A listing of the store."""
        answer = prospectd(self.config, command, "--json", "--limit", "10000", env=self.env)
        assert answer.returncode == 0, answer.stderr
        found: list[dict[str, Any]] = orjson.loads(answer.stdout)
        return found

    def finish(self) -> None:
        """Let whole passes do the rest, as an operator would."""
        said = ""
        for _ in range(5):
            done = prospectd(self.config, "run", "--once", env=self.env, timeout=LOST_REPLY)
            if done.returncode == 0:
                return
            said = done.stderr
        raise AssertionError(f"it does not finish: {said}")

    def assert_once_each(self) -> None:
        """One paid task for each slot and wave, one record for each eligible domain."""
        paid = self.sandbox.state("extruct")["tasks"]
        asked = Counter(task["query"] for task in paid)
        assert asked.keys() == set(SEARCHES)
        assert self.schedule != "once" or max(asked.values()) == 1
        assert Counter(task["extruct_id"] for task in self.listed("tasks")) == Counter(
            task["id"] for task in paid
        )
        self._assert_records({row["id"]: row for task in paid for row in task["results"]})

    def _assert_records(self, found: Mapping[str, Mapping[str, Any]]) -> None:
        pushes = {push["key"]: push for push in self.listed("pushes")}
        resting = {"created", "existed", "held"}
        assert {push["state"] for push in pushes.values()} <= resting
        records = self.sandbox.state("hubspot")["companies"]
        ours = Counter(
            key for record in records if (key := record["properties"].get("prospectd_key"))
        )
        assert max(ours.values()) == 1, "a company was created twice"
        after = self.holders()
        domains = {key for row in found.values() for key in domain_keys([row["company_website"]])}
        held = {key for key, push in pushes.items() if push["state"] == "held"}
        assert len(domains) > len(SEARCHES)
        for domain in domains - held:
            assert after[domain] == (self.before[domain] or 1), domain


def _domains(properties: Mapping[str, Any]) -> tuple[str, ...]:
    texts = [properties.get("domain"), properties.get("website")]
    texts += (properties.get("hs_additional_domains") or "").split(";")
    return domain_keys([text for text in texts if text])
