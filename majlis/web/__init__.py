"""HTTP: the reader's API, the news page, the embed and the desk. Rules live in services; this room only speaks."""
