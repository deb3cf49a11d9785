"""All SQL, for SQLite and PostgreSQL from one definition. Nothing outside this room knows a driver."""
