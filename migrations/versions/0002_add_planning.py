"""What is known of companies for planning, matching and the budget."""

import sqlalchemy as sa
from alembic import op

from daemon.db.types import Instant, Json, RowId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_documents()
    _create_index()
    op.create_table(
        "watermarks",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("moment", Instant(), nullable=True),
        sa.Column("row_id", RowId, server_default="0", nullable=False),
        sa.Column("caught_up_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watermarks")),
    )
    op.create_table(
        "plan_samples",
        sa.Column("task_id", RowId, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("signals", Json, nullable=False),
        sa.Column("stands_for", sa.Float(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_plan_samples_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("task_id", "domain", name=op.f("pk_plan_samples")),
    )
    op.create_table(
        "exclusion_weights",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weights", Json, nullable=False),
        sa.Column("outcomes", sa.Integer(), nullable=False),
        sa.Column("came_back", sa.Integer(), nullable=False),
        sa.Column("last_task_id", RowId, nullable=False),
        sa.Column("fitted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_exclusion_weights")),
    )
    op.create_table(
        "verdicts",
        sa.Column("one", sa.String(length=500), nullable=False),
        sa.Column("other", sa.String(length=500), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_verdicts")),
    )
    op.create_table(
        "budget_notes",
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("limit_name", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "limit_name", "period", name=op.f("pk_budget_notes")),
    )
    op.create_table(
        "redirects",
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("leads_to", sa.String(length=255), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_redirects")),
    )


def _create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("bare", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blocking_keys", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(
        "ix_documents_bare",
        "documents",
        ["id"],
        unique=False,
        sqlite_where=sa.text("bare"),
        postgresql_where=sa.text("bare"),
    )
    op.create_table(
        "document_keys",
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("document_id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("key", "document_id", name=op.f("pk_document_keys")),
        sqlite_with_rowid=False,
    )


def _create_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE document_index USING fts5("
            "text, content='documents', content_rowid='id', "
            "tokenize='porter unicode61 remove_diacritics 2')"
        )
        return
    op.execute("CREATE TABLE document_index (id BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL)")
    op.execute("CREATE INDEX ix_document_index_terms ON document_index USING gin (terms)")


def downgrade() -> None:
    op.execute("DROP TABLE document_index")
    for name in (
        "redirects",
        "budget_notes",
        "verdicts",
        "exclusion_weights",
        "plan_samples",
        "watermarks",
        "document_keys",
    ):
        op.drop_table(name)
    op.drop_index(
        "ix_documents_bare",
        table_name="documents",
        sqlite_where=sa.text("bare"),
        postgresql_where=sa.text("bare"),
    )
    op.drop_table("documents")
