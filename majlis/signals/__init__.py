"""What can be seen in a text, each signal alone. Signals gather evidence; they decide nothing."""
