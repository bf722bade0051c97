"""Alembic's entry: takes the connection that :mod:`daemon.db.schema` hands over."""

from alembic import context

from daemon.db.crm_tables import mirrors
from daemon.db.planning_tables import documents
from daemon.db.tables import metadata

for table in (mirrors, documents):
    assert table.metadata is metadata  # noqa: S101 - importing it is what registers its module

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
