"""One act a file, read top to bottom. The only room where a transaction opens."""
