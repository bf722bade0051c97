"""The store's tables: the campaign side. The CRM side is in :mod:`daemon.db.crm_tables`.

Rules stand here as constraints, so that no code can break them: one slot for a due time, one task
for a wave of a slot, one push for a company and a connector.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)

from daemon.db.types import Instant, Json, RowId, State
from daemon.domain.push_states import PUSHES, PushState
from daemon.domain.task_states import SLOTS, TASKS, SlotState, TaskState
from daemon.domain.transitions import Machine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def known_state(machine: Machine) -> CheckConstraint:  # type: ignore[type-arg]
    """The database's own word on which states there are."""
    names = ", ".join(f"'{state}'" for state in sorted(machine.states))
    return CheckConstraint(f"state IN ({names})", name="known_state")


searches = Table(
    "searches",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("definition", Json, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("retired", Boolean, nullable=False, server_default=text("false")),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

search_versions = Table(
    "search_versions",
    metadata,
    Column("search_id", ForeignKey("searches.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("definition", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
)

slots = Table(
    "slots",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("search_id", ForeignKey("searches.id"), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", State(SlotState), nullable=False),
    Column("held_code", String(60), nullable=False, server_default=""),
    Column("held_text", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_reason", Text, nullable=False, server_default=""),
    UniqueConstraint("search_id", "due_at"),
    known_state(SLOTS),
    Index("ix_slots_state", "state"),
    Index(
        "uq_slots_search_id_live",  # one slot at work for a search
        "search_id",
        unique=True,
        sqlite_where=text("state IN ('due', 'active')"),
        postgresql_where=text("state IN ('due', 'active')"),
    ),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("search_id", ForeignKey("searches.id"), nullable=False),
    Column("search_version", Integer, nullable=False),
    Column("slot_id", ForeignKey("slots.id")),
    Column("wave", Integer, nullable=False, server_default="1"),
    Column("segment", String(200), nullable=False, server_default=""),
    Column("state", State(TaskState), nullable=False),
    Column("extruct_id", String(100), unique=True),  # null where an earlier task goes on
    Column("continues_id", ForeignKey("tasks.id")),
    Column("results_before", Integer, nullable=False, server_default="0"),
    Column("desired_before", Integer, nullable=False, server_default="0"),
    Column("request", Json, nullable=False),
    Column("desired", Integer, nullable=False),
    Column("resolved_exclusions", Json),
    Column("considered", Integer, nullable=False, server_default="0"),
    Column("left_out", Integer, nullable=False, server_default="0"),
    Column("vendor_status", String(40), nullable=False, server_default=""),
    Column("is_exhausted", Boolean, nullable=False, server_default=text("false")),
    Column("counters", Json, nullable=False),
    Column("credits_before", Float),
    Column("credits_after", Float),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant),
    Column("sent_at", Instant),
    Column("lease_owner", String(100)),
    Column("lease_until", Instant),
    Column("error", Text, nullable=False, server_default=""),
    Column("adopted", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("slot_id", "wave"),
    known_state(TASKS),
    Index("ix_tasks_state_next_attempt_at", "state", "next_attempt_at"),
    Index("ix_tasks_search_id", "search_id"),
    Index(
        "uq_tasks_continues_id_not_ended",  # a vendor's task goes on for one of ours at a time
        "continues_id",
        unique=True,
        sqlite_where=text("continues_id IS NOT NULL AND state NOT IN ('done', 'failed')"),
        postgresql_where=text("continues_id IS NOT NULL AND state NOT IN ('done', 'failed')"),
    ),
)

_begun = tasks.alias("begun")
extruct_id = func.coalesce(
    tasks.c.extruct_id,
    select(_begun.c.extruct_id).where(_begun.c.id == tasks.c.continues_id).scalar_subquery(),
).label("extruct_id")
"""The vendor's id of a task, whether this one created the vendor's task or continues it."""

task_exclusions = Table(
    "task_exclusions",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("domain", String(255), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("reason", String(60), nullable=False),
    Column("score", Float, nullable=False),
    Index("ix_task_exclusions_domain", "domain"),
)

refused_domains = Table(
    "refused_domains",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("refused_at", Instant, nullable=False),
)

companies = Table(
    "companies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(500), nullable=False, unique=True),
    Column("domain", String(255)),
    Column("name", Text, nullable=False),
    Column("profile_id", String(100)),
    Column("country", Text),
    Column("city", Text),
    Column("first_seen_at", Instant, nullable=False),
    Index("ix_companies_domain", "domain"),
    Index("ix_companies_profile_id", "profile_id"),
)

results = Table(
    "results",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("result_id", String(100), nullable=False, unique=True),
    Column("task_id", ForeignKey("tasks.id"), nullable=False),
    Column("company_id", ForeignKey("companies.id"), nullable=False),
    Column("relevance", Integer),
    Column("raw", Json),
    Column("fingerprint", String(32), nullable=False),
    Column("to_match", Boolean, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("pruned_at", Instant),
    Index("ix_results_task_id", "task_id"),
    Index("ix_results_company_id", "company_id"),
    Index(
        "ix_results_to_match",
        "id",
        sqlite_where=text("to_match"),
        postgresql_where=text("to_match"),
    ),
)

decisions = Table(
    "decisions",
    metadata,
    Column("result_id", ForeignKey("results.id"), primary_key=True),
    Column("connector", String(100), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("evidence", Json, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Index("ix_decisions_kind", "kind"),
)

pushes = Table(
    "pushes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("connector", String(100), nullable=False),
    Column("company_id", ForeignKey("companies.id"), nullable=False),
    Column("result_id", ForeignKey("results.id"), nullable=False),
    Column("search_id", ForeignKey("searches.id"), nullable=False),
    Column("state", State(PushState), nullable=False),
    Column("trace_id", String(60), nullable=False, unique=True),
    Column("fields", Json, nullable=False),
    Column("properties", Json, nullable=False),
    Column("hold_reason", String(60), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("approved_by", String(100), nullable=False, server_default=""),
    Column("record_id", String(200)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant),
    Column("sent_at", Instant),
    Column("lease_owner", String(100)),
    Column("lease_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("reconciled_at", Instant),
    UniqueConstraint("connector", "company_id"),
    known_state(PUSHES),
    Index("ix_pushes_connector_state_next_attempt_at", "connector", "state", "next_attempt_at"),
    Index("ix_pushes_connector_ended_at", "connector", "ended_at"),
    Index("ix_pushes_result_id", "result_id"),
)

vendors = Table(
    "vendors",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("paused_until", Instant),
    Column("code", String(60), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("tokens", Float, nullable=False, server_default="0"),
    Column("tokens_at", Instant),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("event", String(60), nullable=False),
    Column("subject", String(500), nullable=False, server_default=""),
    Column("data", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_event", "event"),
    Index("ix_audit_subject", "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", RowId, nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_checkpoints = Table(  # where the chain begins, once older rows were pruned
    "audit_checkpoints",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
)

audit_requests = Table(  # the requests of an audit row, which carries their digest
    "audit_requests",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("requests", Text, nullable=False),
    Index("ix_audit_requests_at", "at"),
)
