"""The scheduled sweep: executions whose event was lost, and sets of renditions that are due for removal."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from awskit.executions import describe, ended_without_outcome, is_execution_of
from awskit.rendition_sets import OpenSet, SetKind, forget, open_sets, remove_renditions
from awskit.sweeping import WorkflowResources, finish_execution
from awskit.table import timestamp
from image_workflow.sweep.claims import EXPRESS, LATE, claims_to_close
from image_workflow.sweep.tasks import run_all
from safelight_contracts.executions import LONGEST_EXECUTION

# The schedule runs every hour. An execution that two runs miss is found by the third.
_LOOK_BACK = timedelta(hours=3)


def sweep_everything(*, resources: WorkflowResources, state_machine: str | None) -> None:
    """Finish every execution that left something, and remove every set that nobody needs any more.

    `state_machine`: the ARN of the workflow's state machine. None for an Express workflow, whose executions cannot be
    listed. In that case, every record is examined.

    Raises ExceptionGroup if some tasks failed. All others are done.
    """
    run_all(_tasks(resources=resources, state_machine=state_machine))


def _tasks(*, resources: WorkflowResources, state_machine: str | None) -> Iterator[Callable[[], None]]:
    # Sets come first, because a set that is removed is finished. Each run examines the same executions again, and they
    # may take all of its time.
    for kind in SetKind:
        for open_set in open_sets(kind, records=resources.records):
            yield partial(_sweep_set, open_set, resources=resources, state_machine=state_machine)
    if state_machine is None:
        yield from claims_to_close(resources=resources, state_machine=None)
    else:
        for arn in ended_without_outcome(state_machine, within=_LOOK_BACK):
            yield partial(finish_execution, arn, resources=resources)


def _sweep_set(open_set: OpenSet, *, resources: WorkflowResources, state_machine: str | None) -> None:
    if not _is_removable(open_set, state_machine=state_machine):
        return
    remove_renditions(open_set, records=resources.records, bucket=resources.bucket)
    if open_set.swept is not None and open_set.swept <= timestamp(after=-LATE):
        forget(open_set, records=resources.records)


def _is_removable(open_set: OpenSet, *, state_machine: str | None) -> bool:
    if open_set.kind is SetKind.OBSOLETE:
        return open_set.due <= timestamp()
    execution = open_set.rendition_set.execution
    if state_machine is None or not is_execution_of(state_machine, execution=execution):
        # Express, or of a state machine that this one replaced: nothing reports whether it has ended.
        return open_set.due <= timestamp(after=-(LATE if EXPRESS in execution else LONGEST_EXECUTION))
    return open_set.due <= timestamp(after=-LATE) and not describe(execution).is_under_way
