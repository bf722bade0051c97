"""Tasks for one country of a search, and the country of what is indexed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Documents are indexed anew: the rules that make them have changed with this column.
    op.add_column(
        "documents", sa.Column("country", sa.String(100), server_default="", nullable=False)
    )
    op.create_index("ix_documents_country", "documents", ["country"])
    op.add_column("tasks", sa.Column("segment", sa.String(200), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_index("ix_documents_country", table_name="documents")
    for table, column in (("tasks", "segment"), ("documents", "country")):
        with op.batch_alter_table(table) as altered:
            altered.drop_column(column)
