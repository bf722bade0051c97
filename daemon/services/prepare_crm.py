"""Before the first push: see that the CRM has the fields that we need; create what is missing."""

from connectors.sdk.faults import Fault, NeedsPerson
from connectors.sdk.protocol import Level
from daemon.requests import audit_form
from daemon.services.context import ServiceContext
from daemon.services.guards import Target
from daemon.services.pauses import is_paused, pause_vendor


class PrepareCrm:
    """The schema of one connector's CRM; looked at once a process, and again after a refusal."""

    def __init__(self, context: ServiceContext, target: Target) -> None:
        self._context = context
        self._target = target
        self._done = False

    @property
    def is_done(self) -> bool:
        """Whether the CRM has what a push needs, as far as we know."""
        return self._done

    def forget(self) -> None:
        """Look again before the next push: a person may have changed something."""
        self._done = False

    def run_once(self) -> Fault | None:
        """Prepare when something waits to be pushed; what is in the way pauses the CRM."""
        if self._done:
            return None
        name = self._target.name
        now = self._context.now()
        with self._context.store.reading(now=now) as unit:
            if is_paused(unit, name, now=now) or not unit.pushes.pending(name):
                return None
        with self._context.requests.collect() as requests:
            try:
                findings = self._target.connector.ensure_schema()
            except Fault as fault:
                return self._pause(fault)
        problems = [f"{one.text} {one.remedy}" for one in findings if one.level is Level.PROBLEM]
        if problems:
            return self._pause(NeedsPerson("schema_incomplete", " ".join(problems)))
        with self._context.store.transaction("crm.prepared", now=self._context.now()) as unit:
            unit.audit.write(
                "crm.prepared",
                subject=name,
                findings=[one.text for one in findings],
                requests=audit_form(requests),
            )
        self._done = True
        return None

    def _pause(self, fault: Fault) -> Fault:
        with self._context.store.transaction("crm.fault", now=self._context.now()) as unit:
            pause_vendor(unit, self._context, self._target.name, fault)
        return fault
