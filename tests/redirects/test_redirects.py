from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.redirects import (
    Answer,
    Ask,
    Failure,
    Landing,
    Outcome,
    Redirect,
    RedirectPolicy,
    Reply,
    first_step,
    is_to_ask,
    is_to_wait,
    next_step,
)

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
POLICY = RedirectPolicy(patience=timedelta(hours=1), recheck_every=timedelta(days=90))


def visit(*replies: Reply, most: int = 5) -> Landing:
    """What becomes of a look at acme.com that gets these replies, one after the other."""
    step: Ask | Landing = first_step("acme.com", max_redirects=most)
    for reply in replies:
        assert isinstance(step, Ask), f"ended before {reply}: {step}"
        step = next_step(step, reply)
    assert isinstance(step, Landing), f"goes on: {step}"
    return step


def to(location: str, status: int = 301) -> Answer:
    """A redirect."""
    return Answer(status=status, location=location)


def ok(status: int = 200) -> Answer:
    """A page."""
    return Answer(status=status)


@pytest.mark.parametrize(
    ("location", "outcome", "leads_to"),
    [
        ("https://bigcorp.com/", Outcome.LEADS_ELSEWHERE, "bigcorp.com"),
        ("https://www.bigcorp.co.uk/acme?utm_source=acme.com", Outcome.LEADS_ELSEWHERE, None),
        ("https://bigcorp.com/homes-for-sale", Outcome.LEADS_ELSEWHERE, "bigcorp.com"),
        ("https://id.bigcorp.com/", Outcome.LEADS_ELSEWHERE, "bigcorp.com"),
        ("https://www.acme.com/", Outcome.STAYS, None),
        ("/login", Outcome.STAYS, None),
        ("https://login.acme.com/", Outcome.STAYS, None),
        ("https://www.linkedin.com/company/acme", Outcome.SHARED_HOST, None),
        ("https://acme.wixsite.com/home", Outcome.SHARED_HOST, None),
        ("https://acme.github.io/", Outcome.SHARED_HOST, None),
        ("https://bit.ly/abc", Outcome.SHARED_HOST, None),
        ("https://facebook.com/", Outcome.SHARED_HOST, None),
        ("https://www.hugedomains.com/domain_profile.cfm?d=acme.com", Outcome.PARKING_PAGE, None),
        ("https://dan.com/buy-domain/acme.com", Outcome.PARKING_PAGE, None),
        ("https://unheard-of-market.com/acme.com", Outcome.PARKING_PAGE, None),
        ("https://unheard-of-market.com/?domain=acme.com", Outcome.PARKING_PAGE, None),
        ("https://unheard-of-market.com/for-sale/", Outcome.PARKING_PAGE, None),
        ("https://forsale.unheard-of-market.com/", Outcome.PARKING_PAGE, None),
        ("https://login.microsoftonline.com/common", Outcome.LOGIN_PAGE, None),
        ("https://bigcorp.com/users/sign_in", Outcome.LOGIN_PAGE, None),
        ("https://bigcorp.com/login?next=/", Outcome.LOGIN_PAGE, None),
        ("https://bigcorp.com/x?SAMLRequest=abc", Outcome.LOGIN_PAGE, None),
        ("https://consent.bigcorp.com/", Outcome.LOGIN_PAGE, None),
    ],
)
def test_where_a_website_ends_tells_whose_it_is(
    location: str, outcome: Outcome, leads_to: str | None
) -> None:
    """Another company's domain does; shared hosts, parked domains and doors do not."""
    landing = visit(to(location), ok())
    expected = leads_to or ("bigcorp.co.uk" if outcome is Outcome.LEADS_ELSEWHERE else None)
    assert (landing.outcome, landing.leads_to) == (outcome, expected)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(status: int) -> None:
    """For good or for now."""
    assert visit(to("https://bigcorp.com/", status), ok()).leads_to == "bigcorp.com"


@pytest.mark.parametrize("status", [200, 300, 304, 305, 399])
def test_what_is_no_redirect_is_not_followed(status: int) -> None:
    """A Location in any other answer leads nowhere."""
    assert visit(to("https://bigcorp.com/", status)).outcome is Outcome.STAYS


def test_a_redirect_without_a_location_is_a_page() -> None:
    """There is nothing to follow."""
    assert visit(Answer(status=302)).outcome is Outcome.STAYS


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501, 503])
def test_a_refused_head_is_asked_again_as_get(status: int) -> None:
    """At the same address, once."""
    first = first_step("acme.com", max_redirects=5)
    second = next_step(first, ok(status))
    assert isinstance(second, Ask)
    assert (second.method, second.address) == ("GET", first.address)
    assert isinstance(next_step(second, ok(status)), Landing)
    followed = next_step(second, to("https://bigcorp.com/"))
    assert isinstance(followed, Ask)
    assert followed.method == "HEAD"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, Outcome.ERROR_PAGE),
        (404, Outcome.ERROR_PAGE),
        (410, Outcome.ERROR_PAGE),
        (500, Outcome.ERROR_PAGE),
        (403, Outcome.LEADS_ELSEWHERE),
        (429, Outcome.LEADS_ELSEWHERE),
        (503, Outcome.LEADS_ELSEWHERE),
    ],
)
def test_a_page_that_is_missing_elsewhere_tells_nothing(status: int, outcome: Outcome) -> None:
    """One that only keeps robots out is still that company's."""
    landing = visit(to("https://bigcorp.com/"), ok(status), ok(status))
    assert landing.outcome is outcome


def test_other_front_pages_are_tried() -> None:
    """A website that answers only without TLS, or only with www, is found."""
    fails = Failure.UNREACHABLE
    assert visit(fails, fails, fails, to("https://bigcorp.com/"), ok()).leads_to == "bigcorp.com"
    assert visit(fails, fails, fails, fails).outcome is Outcome.UNREACHABLE


def test_a_broken_answer_to_head_is_asked_again_as_get() -> None:
    """Some servers hang up on what they do not know."""
    assert visit(Failure.BROKEN, to("https://bigcorp.com/"), ok()).leads_to == "bigcorp.com"
    broken = [Failure.BROKEN] * 8
    assert visit(*broken).outcome is Outcome.UNREACHABLE


def test_a_redirect_into_nowhere_tells_nothing() -> None:
    """After a redirect there is no other front page to try."""
    assert visit(to("https://bigcorp.com/"), Failure.UNREACHABLE).outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (Failure.FORBIDDEN, Outcome.FORBIDDEN),
        (Failure.TOO_SLOW, Outcome.TOO_SLOW),
        (Failure.TOO_LARGE, Outcome.TOO_LARGE),
    ],
)
def test_some_failures_end_the_look(failure: Failure, outcome: Outcome) -> None:
    """At once, and without another try."""
    assert visit(failure).outcome is outcome


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/",
        "http://[::ffff:127.0.0.1]/",
        "https://u:p@bigcorp.com/",
        "ftp://x",
    ],
)
def test_a_redirect_to_what_may_not_be_asked_ends_the_look(location: str) -> None:
    """Nothing of it is asked."""
    assert visit(to(location)).outcome is Outcome.FORBIDDEN


def test_a_circle_is_seen() -> None:
    """Of one page, and of several."""
    assert visit(to("https://acme.com/#again")).outcome is Outcome.LOOP
    circle = [to("https://bigcorp.com/"), to("http://acme.com/"), to("https://acme.com/")]
    assert visit(*circle).outcome is Outcome.LOOP


@pytest.mark.parametrize("most", [0, 1, 5])
def test_so_many_redirects_are_followed_and_no_more(most: int) -> None:
    """The limit is of redirects, not of requests."""
    hops = [to(f"https://site-{place}.com/") for place in range(most)]
    assert visit(*hops, ok(), most=most).outcome is not Outcome.TOO_MANY
    assert visit(*hops, to("https://last.com/"), most=most).outcome is Outcome.TOO_MANY


replies = st.builds(
    Answer,
    status=st.integers(100, 599),
    location=st.sampled_from(["", "/a", "/b", "https://bigcorp.com", "http://acme.com", "http://x"])
    | st.text(),
) | st.sampled_from(Failure)


@given(st.lists(replies, min_size=40, max_size=40), st.integers(0, 10))
def test_every_look_ends(answers: list[Reply], most: int) -> None:
    """Whatever is answered, after few requests; only names on plain ports are asked."""
    step: Ask | Landing = first_step("acme.com", max_redirects=most)
    asked = 0
    while isinstance(step, Ask):
        assert step.address.port in {80, 443}
        step = next_step(step, answers[asked])
        asked += 1
    assert asked <= 2 * (4 + most)
    assert (step.leads_to is not None) == (step.outcome is Outcome.LEADS_ELSEWHERE)
    assert step.leads_to != "acme.com"


def known(outcome: Outcome, age: timedelta) -> Redirect:
    """What the store holds."""
    return Redirect(domain="acme.com", leads_to=None, outcome=outcome, checked_at=NOW - age)


@pytest.mark.parametrize(
    ("row", "ask", "wait"),
    [
        (None, True, True),
        (known(Outcome.ASKED, timedelta(minutes=1)), False, True),
        (known(Outcome.LOOKING, timedelta(minutes=59)), False, True),
        (known(Outcome.ASKED, timedelta(hours=1)), False, False),
        (known(Outcome.LOOKING, timedelta(days=2)), False, False),
        (known(Outcome.NOT_IN_TIME, timedelta(minutes=1)), False, False),
        (known(Outcome.UNREACHABLE, timedelta(minutes=1)), False, False),
        (known(Outcome.STAYS, timedelta(days=89)), False, False),
        (known(Outcome.STAYS, timedelta(days=90)), True, True),
        (known(Outcome.NOT_IN_TIME, timedelta(days=90)), True, True),
    ],
)
def test_who_waits_waits_no_longer_than_patience(
    row: Redirect | None, ask: bool, wait: bool
) -> None:
    """A look is asked for once in a while, and waited for only so long."""
    assert is_to_ask(row, POLICY, now=NOW) is ask
    assert is_to_wait(row, POLICY, now=NOW) is wait
