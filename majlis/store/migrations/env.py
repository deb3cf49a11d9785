"""Run by Alembic for its own command line only; Majlis migrates through store.migrate."""
