"""Measures Majlis beside others: `make bench`. Nothing here is a test, and nothing here ships."""
