"""The embedded store: ledger, articles and feeds in one SQLite file, for a laptop, a demo or a small newsroom."""
