"""Pairs of records under review, what is pruned, and why a mirror blocks pushes."""

import sqlalchemy as sa
from alembic import op

from daemon.db.types import Instant, RowId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATES = "state IN ('dismissed', 'gone', 'merged', 'merging', 'open')"


def upgrade() -> None:
    op.create_table(
        "duplicates",
        sa.Column("id", RowId, nullable=False),
        sa.Column("connector", sa.String(length=100), nullable=False),
        sa.Column("domain", sa.String(length=500), nullable=False),
        sa.Column("push_id", RowId, nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.Column("other_id", sa.String(length=200), nullable=False),
        sa.Column("survivor_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_duplicates_known_state")),
        sa.ForeignKeyConstraint(
            ["push_id"], ["pushes.id"], name=op.f("fk_duplicates_push_id_pushes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicates")),
        sa.UniqueConstraint(
            "connector",
            "record_id",
            "other_id",
            name=op.f("uq_duplicates_connector_record_id_other_id"),
        ),
    )
    op.create_index("ix_duplicates_state", "duplicates", ["state"], unique=False)
    op.create_table(
        "audit_checkpoints",
        sa.Column("seq", RowId, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "audit_requests",
        sa.Column("seq", RowId, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("requests", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_requests")),
    )
    op.create_index("ix_audit_requests_at", "audit_requests", ["at"], unique=False)
    op.add_column("results", sa.Column("pruned_at", Instant(), nullable=True))
    for name, type_ in (("blocked_code", sa.String(length=60)), ("blocked_text", sa.Text())):
        op.add_column("mirrors", sa.Column(name, type_, server_default="", nullable=False))
    op.create_index("ix_task_exclusions_domain", "task_exclusions", ["domain"], unique=False)
    op.create_index("ix_pushes_result_id", "pushes", ["result_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_pushes_result_id", table_name="pushes")
    op.drop_index("ix_task_exclusions_domain", table_name="task_exclusions")
    op.drop_column("mirrors", "blocked_text")
    op.drop_column("mirrors", "blocked_code")
    op.drop_column("results", "pruned_at")
    op.drop_index("ix_audit_requests_at", table_name="audit_requests")
    op.drop_table("audit_requests")
    op.drop_table("audit_checkpoints")
    op.drop_index("ix_duplicates_state", table_name="duplicates")
    op.drop_table("duplicates")
