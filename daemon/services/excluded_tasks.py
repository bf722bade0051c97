"""What ``exclude_task_ids`` of a search resolves to: it counts against the vendor's cap."""

from collections.abc import Sequence

from daemon.domain.hostnames import normalise_exclusion
from daemon.extruct.client import ExtructClient


class ExcludedTasks:
    """The visible results of finished tasks; each task is read once a process.

    The vendor takes only tasks that are done, and their results no longer change.
    """

    def __init__(self, client: ExtructClient) -> None:
        self._client = client
        self._known: dict[str, frozenset[str]] = {}

    def domains(self, task_ids: Sequence[str]) -> frozenset[str]:
        """The registered domains of all these tasks' visible results.

        Raises:
            Fault: the vendor does not answer, or does not know a task.
        """
        return frozenset[str]().union(*(self._domains_of(task_id) for task_id in task_ids))

    def _domains_of(self, task_id: str) -> frozenset[str]:
        if task_id not in self._known:
            self._known[task_id] = frozenset(self._read(task_id))
        return self._known[task_id]

    def _read(self, task_id: str) -> set[str]:
        domains: set[str] = set()
        offset = 0
        while True:  # ends: a page without rows comes at the latest behind the last row
            page = self._client.results_page(task_id, offset)
            if page.received == 0:
                return domains
            offset += page.received
            found = (normalise_exclusion(row.company.website) for row in page.rows)
            domains.update(domain for domain in found if domain)
