"""The `newswire topics` commands."""
