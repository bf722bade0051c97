"""Alembic's entry: takes the connection that :mod:`daemon.db.schema` hands over."""

from alembic import context

from daemon.db.crm_tables import mirrors
from daemon.db.tables import metadata

assert mirrors.metadata is metadata  # noqa: S101 - importing it is what registers the CRM tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
