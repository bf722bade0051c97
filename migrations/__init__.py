"""The store's schema, as steps that Alembic takes."""
