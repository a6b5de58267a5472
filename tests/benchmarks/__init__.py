"""Benchmarks: each figure beside what it is measured against, in the same run, as JSON lines. `make bench`."""
