"""Which services there are, and how often each is run."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from daemon.app import Job
from daemon.config.models import Config
from daemon.domain.redirects import Landing, RedirectPolicy
from daemon.extruct.adoption import AdoptionPolicy
from daemon.extruct.client import ExtructClient
from daemon.services.collect_results import CollectResults
from daemon.services.context import ServiceContext
from daemon.services.creation_limits import PushPolicy
from daemon.services.follow_redirects import FollowRedirects
from daemon.services.guards import Target
from daemon.services.index_mirror import index_mirror
from daemon.services.learn_weights import learn_weights
from daemon.services.match_results import MatchResults
from daemon.services.mirror_crm import MirrorCrm
from daemon.services.prune_history import PruneHistory, RetentionPolicy
from daemon.services.push_companies import PushCompanies
from daemon.services.reconcile import Reconcile
from daemon.services.rescue_expired import rescue_expired
from daemon.services.resolve_unknown import ResolvePushes, ResolveTasks
from daemon.services.schedule_slots import schedule_slots
from daemon.services.start_tasks import StartPolicy, StartTasks
from daemon.services.submit_tasks import SubmitTasks


def wire_jobs(
    config: Config,
    context: ServiceContext,
    client: ExtructClient,
    targets: Mapping[str, Target],
    visit: Callable[[str], Landing] | None = None,
) -> list[Job]:
    """Every job, in the order in which one pass through all of them gets furthest.

    ``visit`` tells where a domain's website leads; without it no redirect is followed.
    """
    options = config.daemon
    start = StartTasks(
        context,
        client,
        lambda: targets,
        StartPolicy(
            max_exclusions=config.extruct.max_exclusions,
            max_results_per_task=config.extruct.max_results_per_task,
            max_running_tasks=config.extruct.max_running_tasks,
            continue_tasks=config.extruct.continue_tasks,
            budget=config.budget,
        ),
    )
    submit = SubmitTasks(context, client, lambda: targets)
    collect = CollectResults(
        context,
        client,
        poll_every=config.extruct.poll_every,
        page_size=config.extruct.page_size,
    )
    redirects = RedirectPolicy(
        patience=config.redirects.patience, recheck_every=config.redirects.recheck_every
    )
    match = MatchResults(
        context,
        lambda: targets,
        app_url=config.extruct.app_url,
        redirects=None if visit is None else redirects,
    )
    resolve = ResolveTasks(
        context,
        client,
        settling=config.extruct.settling,
        adoption=AdoptionPolicy(clock_skew=config.extruct.clock_skew),
    )
    poll = config.extruct.poll_every
    return [
        Job(name="rescue", every=options.resolve_every, run=partial(rescue_expired, context)),
        Job(name="resolve", every=options.resolve_every, run=resolve.run_once),
        *(job for target in targets.values() for job in _resolve(config, context, target)),
        Job(name="schedule", every=options.schedule_every, run=partial(schedule_slots, context)),
        *(_mirror(config, context, target) for target in targets.values()),
        Job(name="index", every=options.schedule_every, run=partial(index_mirror, context)),
        Job(name="learn", every=options.reconcile_every, run=partial(learn_weights, context)),
        Job(name="start", every=options.schedule_every, run=start.run_once),
        Job(name="submit", every=options.schedule_every, run=submit.run_once),
        Job(name="collect", every=poll, run=collect.run_once),
        Job(name="match", every=min(poll, options.push_every), run=match.run_once),
        *([] if visit is None else [_follow(config, context, visit, redirects)]),
        *(_push(config, context, target) for target in targets.values()),
        *(_reconcile(config, context, target) for target in targets.values()),
        _prune(config, context),
    ]


def _mirror(config: Config, context: ServiceContext, target: Target) -> Job:
    mirror = MirrorCrm(context, target.connector, name=target.name, options=target.options)

    def run() -> object:
        result = mirror.run_once()
        while result.more and not context.stopping():
            result = mirror.run_once()
        return result

    every = min(config.daemon.schedule_every, target.options.mirror_every)
    return Job(name=f"mirror:{target.name}", every=every, run=run)


def _push(config: Config, context: ServiceContext, target: Target) -> Job:
    def policy() -> PushPolicy:
        return PushPolicy(
            max_new_per_run=config.push.max_new_per_run,
            max_new_per_day=config.push.max_new_per_day,
        )

    push = PushCompanies(context, target, policy)
    return Job(name=f"push:{target.name}", every=config.daemon.push_every, run=push.run_once)


def _follow(
    config: Config,
    context: ServiceContext,
    visit: Callable[[str], Landing],
    policy: RedirectPolicy,
) -> Job:
    follow = FollowRedirects(context, visit, policy)
    return Job(name="follow", every=config.daemon.schedule_every, run=follow.run_once)


def _resolve(config: Config, context: ServiceContext, target: Target) -> list[Job]:
    timeout = getattr(target.options, "timeout", timedelta(seconds=30))
    resolve = ResolvePushes(context, target, timeout=timeout)
    return [
        Job(
            name=f"resolve:{target.name}",
            every=config.daemon.resolve_every,
            run=resolve.run_once,
        )
    ]


def _reconcile(config: Config, context: ServiceContext, target: Target) -> Job:
    return Job(
        name=f"reconcile:{target.name}",
        every=config.daemon.reconcile_every,
        run=Reconcile(context, target).run_once,
        is_upkeep=True,
    )


def _prune(config: Config, context: ServiceContext) -> Job:
    policy = RetentionPolicy(
        raw_results=config.retention.raw_results,
        audit=config.retention.audit,
        audit_requests=config.retention.audit_requests,
    )
    prune = PruneHistory(context, policy)
    return Job(name="prune", every=config.daemon.prune_every, run=prune.run_once, is_upkeep=True)
