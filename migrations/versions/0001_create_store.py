"""The first released schema."""

import sqlalchemy as sa
from alembic import op

from daemon.db.types import Instant, Json, RowId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", RowId, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=500), server_default="", nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_event", "audit", ["event"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", RowId, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "companies",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.String(length=100), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("key", name=op.f("uq_companies_key")),
    )
    op.create_index("ix_companies_domain", "companies", ["domain"], unique=False)
    op.create_index("ix_companies_profile_id", "companies", ["profile_id"], unique=False)
    op.create_table(
        "crm_domains",
        sa.Column("domain", sa.String(length=500), nullable=False),
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("domain", "connector", "record_id", name=op.f("pk_crm_domains")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crm_records",
        sa.Column("id", RowId, nullable=False),
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domains", Json, nullable=False),
        sa.Column("key", sa.String(length=500), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("size", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("crm_created_at", Instant(), nullable=True),
        sa.Column("crm_modified_at", Instant(), nullable=True),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("merged_into", sa.String(length=200), nullable=True),
        sa.Column("push_id", RowId, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_records")),
    )
    op.create_index("ix_crm_records_changed_at", "crm_records", ["changed_at"], unique=False)
    op.create_index(
        "uq_crm_records_connector_record_id", "crm_records", ["connector", "record_id"], unique=True
    )
    op.create_table(
        "mirrors",
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("sweep", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sweep_started_at", Instant(), nullable=True),
        sa.Column("sweep_cursor", sa.Text(), nullable=True),
        sa.Column("sweep_page", sa.Integer(), server_default="0", nullable=False),
        sa.Column("swept_at", Instant(), nullable=True),
        sa.Column("changes_cursor", sa.Text(), nullable=True),
        sa.Column("refreshed_at", Instant(), nullable=True),
        sa.Column("records", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted_shrink", sa.Float(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("connector", name=op.f("pk_mirrors")),
    )
    op.create_table(
        "refused_domains",
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_refused_domains")),
    )
    op.create_table(
        "searches",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", Json, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
        sa.UniqueConstraint("name", name=op.f("uq_searches_name")),
    )
    op.create_table(
        "sweep_pages",
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("sweep", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("record_ids", Json, nullable=False),
        sa.PrimaryKeyConstraint("connector", "sweep", "page", name=op.f("pk_sweep_pages")),
    )
    op.create_table(
        "vendors",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.Column("code", sa.String(length=60), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Float(), server_default="0", nullable=False),
        sa.Column("tokens_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_vendors")),
    )
    op.create_table(
        "search_versions",
        sa.Column("search_id", RowId, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("definition", Json, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"], ["searches.id"], name=op.f("fk_search_versions_search_id_searches")
        ),
        sa.PrimaryKeyConstraint("search_id", "version", name=op.f("pk_search_versions")),
    )
    op.create_table(
        "slots",
        sa.Column("id", RowId, nullable=False),
        sa.Column("search_id", RowId, nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("held_code", sa.String(length=60), server_default="", nullable=False),
        sa.Column("held_text", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'done', 'due', 'skipped')", name=op.f("ck_slots_known_state")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["searches.id"], name=op.f("fk_slots_search_id_searches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint("search_id", "due_at", name=op.f("uq_slots_search_id_due_at")),
    )
    op.create_index("ix_slots_state", "slots", ["state"], unique=False)
    op.create_index(
        "uq_slots_search_id_live",
        "slots",
        ["search_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('due', 'active')"),
        postgresql_where=sa.text("state IN ('due', 'active')"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", RowId, nullable=False),
        sa.Column("search_id", RowId, nullable=False),
        sa.Column("search_version", sa.Integer(), nullable=False),
        sa.Column("slot_id", RowId, nullable=True),
        sa.Column("wave", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("extruct_id", sa.String(length=100), nullable=True),
        sa.Column("request", Json, nullable=False),
        sa.Column("desired", sa.Integer(), nullable=False),
        sa.Column("resolved_exclusions", Json, nullable=True),
        sa.Column("considered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("vendor_status", sa.String(length=40), server_default="", nullable=False),
        sa.Column("is_exhausted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("counters", Json, nullable=False),
        sa.Column("credits_before", sa.Float(), nullable=True),
        sa.Column("credits_after", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("adopted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('done', 'draining', 'failed', 'in_doubt', 'planned', 'running', 'submitting')",
            name=op.f("ck_tasks_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["searches.id"], name=op.f("fk_tasks_search_id_searches")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name=op.f("fk_tasks_slot_id_slots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("extruct_id", name=op.f("uq_tasks_extruct_id")),
        sa.UniqueConstraint("slot_id", "wave", name=op.f("uq_tasks_slot_id_wave")),
    )
    op.create_index("ix_tasks_search_id", "tasks", ["search_id"], unique=False)
    op.create_index(
        "ix_tasks_state_next_attempt_at", "tasks", ["state", "next_attempt_at"], unique=False
    )
    op.create_table(
        "results",
        sa.Column("id", RowId, nullable=False),
        sa.Column("result_id", sa.String(length=100), nullable=False),
        sa.Column("task_id", RowId, nullable=False),
        sa.Column("company_id", RowId, nullable=False),
        sa.Column("relevance", sa.Integer(), nullable=True),
        sa.Column("raw", Json, nullable=True),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("to_match", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_results_company_id_companies")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_results_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint("result_id", name=op.f("uq_results_result_id")),
    )
    op.create_index("ix_results_company_id", "results", ["company_id"], unique=False)
    op.create_index("ix_results_task_id", "results", ["task_id"], unique=False)
    op.create_index(
        "ix_results_to_match",
        "results",
        ["id"],
        unique=False,
        sqlite_where=sa.text("to_match"),
        postgresql_where=sa.text("to_match"),
    )
    op.create_table(
        "task_exclusions",
        sa.Column("task_id", RowId, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_task_exclusions_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("task_id", "domain", name=op.f("pk_task_exclusions")),
    )
    op.create_table(
        "decisions",
        sa.Column("result_id", RowId, nullable=False),
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_decisions_result_id_results")
        ),
        sa.PrimaryKeyConstraint("result_id", "connector", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_kind", "decisions", ["kind"], unique=False)
    op.create_table(
        "pushes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("company_id", RowId, nullable=False),
        sa.Column("result_id", RowId, nullable=False),
        sa.Column("search_id", RowId, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("trace_id", sa.String(length=60), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("properties", Json, nullable=False),
        sa.Column("hold_reason", sa.String(length=60), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_by", sa.String(length=100), server_default="", nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("reconciled_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('created', 'declined', 'existed', 'held', 'pending', 'rejected', 'sending', 'unknown')",
            name=op.f("ck_pushes_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_pushes_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_pushes_result_id_results")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["searches.id"], name=op.f("fk_pushes_search_id_searches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
        sa.UniqueConstraint("connector", "company_id", name=op.f("uq_pushes_connector_company_id")),
        sa.UniqueConstraint("trace_id", name=op.f("uq_pushes_trace_id")),
    )
    op.create_index(
        "ix_pushes_connector_ended_at", "pushes", ["connector", "ended_at"], unique=False
    )
    op.create_index(
        "ix_pushes_connector_state_next_attempt_at",
        "pushes",
        ["connector", "state", "next_attempt_at"],
        unique=False,
    )
    op.execute(
        "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')"
    )


def downgrade() -> None:
    op.drop_index("ix_pushes_connector_state_next_attempt_at", table_name="pushes")
    op.drop_index("ix_pushes_connector_ended_at", table_name="pushes")
    op.drop_table("pushes")
    op.drop_index("ix_decisions_kind", table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("task_exclusions")
    op.drop_index(
        "ix_results_to_match",
        table_name="results",
        sqlite_where=sa.text("to_match"),
        postgresql_where=sa.text("to_match"),
    )
    op.drop_index("ix_results_task_id", table_name="results")
    op.drop_index("ix_results_company_id", table_name="results")
    op.drop_table("results")
    op.drop_index("ix_tasks_state_next_attempt_at", table_name="tasks")
    op.drop_index("ix_tasks_search_id", table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(
        "uq_slots_search_id_live",
        table_name="slots",
        sqlite_where=sa.text("state IN ('due', 'active')"),
        postgresql_where=sa.text("state IN ('due', 'active')"),
    )
    op.drop_index("ix_slots_state", table_name="slots")
    op.drop_table("slots")
    op.drop_table("search_versions")
    op.drop_table("vendors")
    op.drop_table("sweep_pages")
    op.drop_table("searches")
    op.drop_table("refused_domains")
    op.drop_table("mirrors")
    op.drop_index("uq_crm_records_connector_record_id", table_name="crm_records")
    op.drop_index("ix_crm_records_changed_at", table_name="crm_records")
    op.drop_table("crm_records")
    op.drop_table("crm_domains")
    op.drop_index("ix_companies_profile_id", table_name="companies")
    op.drop_index("ix_companies_domain", table_name="companies")
    op.drop_table("companies")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_event", table_name="audit")
    op.drop_table("audit")
