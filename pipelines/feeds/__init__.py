"""The `newswire feeds` commands."""
