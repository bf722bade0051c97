"""Tasks that let an earlier task of the vendor go on, instead of creating one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOT_ENDED = "continues_id IS NOT NULL AND state NOT IN ('done', 'failed')"


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    # In plain SQL, since SQLite takes a foreign key only together with its column.
    op.execute(
        f"ALTER TABLE tasks ADD COLUMN continues_id {kind}"
        " CONSTRAINT fk_tasks_continues_id_tasks REFERENCES tasks (id)"
    )
    for name in ("results_before", "desired_before"):
        column = sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        op.add_column("tasks", column)
    op.create_index(
        "uq_tasks_continues_id_not_ended",
        "tasks",
        ["continues_id"],
        unique=True,
        sqlite_where=sa.text(NOT_ENDED),
        postgresql_where=sa.text(NOT_ENDED),
    )


def downgrade() -> None:
    op.drop_index("uq_tasks_continues_id_not_ended", table_name="tasks")
    with op.batch_alter_table("tasks") as tasks:
        for name in ("desired_before", "results_before", "continues_id"):
            tasks.drop_column(name)
