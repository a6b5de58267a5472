"""Beam's Prism and a Flink cluster, for tests: fetched once, started on loopback, gone when who started them is gone.

`python -m tests.cluster prism` names Prism's program; `make test-flink` runs the tests marked `flink` on a new cluster,
and `python -m tests.cluster flink start` keeps one running for a while.
"""
