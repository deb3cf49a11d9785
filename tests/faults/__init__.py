"""What must not go wrong when something else does."""
