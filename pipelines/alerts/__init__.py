"""The `newswire alerts` commands."""
