"""Ask the store what was spent, and whether the next task of a slot may be paid for."""

from daemon.config.models import BudgetOptions
from daemon.db.store import Transaction
from daemon.domain.budgets import (
    Account,
    Allowed,
    RunOver,
    check_budget,
    start_of_day,
    start_of_month,
)
from daemon.domain.guards import Blocked
from daemon.domain.searches import SearchDefinition


def check_spending(
    unit: Transaction,
    budget: BudgetOptions,
    definition: SearchDefinition,
    *,
    search_id: int,
    slot_id: int,
    desired: int,
) -> Allowed | Blocked | RunOver:
    """Whether a task for so many results may be planned in this transaction, or for how many.

    What is found out stays true until the transaction ends: no other replica can reserve anything
    meanwhile. A limit that comes near is said once.
    """
    unit.spending.lock()
    cost = unit.spending.cost_of_result()
    run = unit.spending.spent(cost=cost, slot_id=slot_id)
    day, month = start_of_day(unit.now), start_of_month(unit.now)
    scopes = (("", budget, None), (definition.name, definition, search_id))
    accounts = [
        Account(
            scope=scope,
            limits=limits,
            run=run,
            day=unit.spending.spent(cost=cost, search_id=only, since=day),
            month=unit.spending.spent(cost=cost, search_id=only, since=month),
        )
        for scope, limits, only in scopes
    ]
    answer = check_budget(
        accounts,
        desired=desired,
        cost=cost,
        run=f"slot {slot_id}",
        now=unit.now,
        warn_share=budget.warn_share,
    )
    if isinstance(answer, Allowed):
        for near in answer.near:
            if unit.spending.note_once(near.scope, near.limit, near.period, now=unit.now):
                unit.audit.write(
                    "budget.near", subject=near.scope or "all searches", limit=near.text
                )
    return answer
