import math

import pytest
from prometheus_client import REGISTRY, generate_latest

from connectors.sdk.protocol import Exchange
from daemon.web.metrics import Metrics
from tests.support.clocks import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def metrics(clock: VirtualClock) -> Metrics:
    return Metrics(clock, version="1.2")


def read(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"prospectd_{name}", labels)


def exchange(status: int | None) -> Exchange:
    return Exchange(vendor="crm", method="GET", path="/x", status=status, milliseconds=300)


def test_each_happening_is_counted(metrics: Metrics) -> None:
    """Tasks, results, pushes, events and reloads count up under their own labels."""
    metrics.count_task("a", "created")
    metrics.count_results("a", "new", 5)
    metrics.count_results("a", "new")
    metrics.count_push("crm", "existed")
    metrics.count_event("push.existed")
    metrics.count_reload(accepted=False)
    assert read(metrics, "tasks_total", search="a", event="created") == 1
    assert read(metrics, "results_total", search="a", decision="new") == 6
    assert read(metrics, "pushes_total", connector="crm", outcome="existed") == 1
    assert read(metrics, "audit_events_total", event="push.existed") == 1
    assert read(metrics, "config_reloads_total", result="refused") == 1
    assert read(metrics, "build_info", version="1.2") == 1


def test_vendor_requests_are_counted_by_class_of_status(metrics: Metrics) -> None:
    """A 429 and a 404 are both 4xx; a request without a reply is counted, too."""
    for status in (200, 404, 429, 503, None):
        metrics.observe(exchange(status))
    counts = {
        status: read(metrics, "vendor_requests_total", vendor="crm", status=status)
        for status in ("2xx", "4xx", "5xx", "none")
    }
    assert counts == {"2xx": 1, "4xx": 2, "5xx": 1, "none": 1}
    assert read(metrics, "vendor_request_seconds_sum", vendor="crm") == pytest.approx(1.5)


def test_a_mirror_ages_by_itself(metrics: Metrics, clock: VirtualClock) -> None:
    """Between two refreshes the age grows with the clock; a refresh starts it anew."""
    metrics.show_mirror("crm", refreshed_at=clock.now(), records=9)
    clock.sleep(90)
    assert read(metrics, "mirror_age_seconds", connector="crm") == 90
    metrics.show_mirror("crm", refreshed_at=clock.now(), records=10)
    assert read(metrics, "mirror_age_seconds", connector="crm") == 0
    assert read(metrics, "mirror_records", connector="crm") == 10


def test_what_is_no_longer_so_is_not_shown(metrics: Metrics, clock: VirtualClock) -> None:
    """Reasons for which nobody waits any more, and connectors that are gone, disappear."""
    metrics.show_held({"without_domain": 3, "review": 1})
    metrics.show_held({"review": 2})
    assert read(metrics, "held_pushes", reason="without_domain") is None
    assert read(metrics, "held_pushes", reason="review") == 2
    metrics.show_mirror("crm", refreshed_at=clock.now(), records=9)
    metrics.show_pending("crm", 4)
    metrics.forget_connector("crm")
    metrics.forget_connector("never there")
    assert read(metrics, "mirror_records", connector="crm") is None
    assert read(metrics, "pending_pushes", connector="crm") is None


def test_the_present_state_is_shown(metrics: Metrics) -> None:
    """Credits (unknown at first), running tasks and paused vendors have their last value."""
    assert math.isnan(read(metrics, "credits_available") or 0)
    metrics.show_credits(12.5)
    metrics.show_running_tasks(3)
    metrics.show_paused("extruct", paused=True)
    assert read(metrics, "credits_available") == 12.5
    assert read(metrics, "running_tasks") == 3
    assert read(metrics, "vendor_paused", vendor="extruct") == 1
    metrics.show_paused("extruct", paused=False)
    assert read(metrics, "vendor_paused", vendor="extruct") == 0


def test_the_registry_is_our_own(metrics: Metrics) -> None:
    """Nothing of ours lands in the library's global registry, so that two daemons fit a process."""
    Metrics(VirtualClock())
    assert b"prospectd" not in generate_latest(REGISTRY)
    assert b"prospectd_build_info" in generate_latest(metrics.registry)
