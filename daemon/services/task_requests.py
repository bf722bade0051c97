"""What a task of a search asks the vendor for."""

from collections.abc import Sequence

from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import in_segment
from daemon.extruct.payloads import TaskRequest


def request_for(
    definition: SearchDefinition, segment: str, *, desired: int, exclude_domains: Sequence[str]
) -> TaskRequest:
    """The request of one task; the same for the same arguments, so that it can be recognised."""
    return TaskRequest(
        query=in_segment(definition, segment).query,
        desired_num_results=desired,
        table=definition.table,
        auto_data_sources=definition.auto_data_sources,
        data_sources=definition.data_sources,
        criteria=definition.criteria,
        exclude_domains=tuple(exclude_domains),
        exclude_task_ids=definition.exclude_task_ids,
    )
