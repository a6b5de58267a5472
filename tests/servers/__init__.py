"""Real search servers for tests: fetched once, started on loopback, gone when whoever started them is gone.

`make test-servers` runs every test marked `servers` on fresh ones; `python -m tests.servers start` keeps a pair running
for a while. Tests take them from `tests.servers.fixtures`.
"""
