"""A process that has read thousands of pages is no larger than one that has read a thousand."""

import pytest

from tests.benchmarks.extraction import in_own_process
from tests.shared import WHY_SKIPPED, shared_pages


@pytest.mark.slow
@pytest.mark.skipif(not shared_pages(), reason=WHY_SKIPPED)
def test_memory_stays_where_it_is_after_a_thousand_pages() -> None:
    measured = in_own_process("memory", "3000")
    assert measured["pages"] == 3000
    assert measured["growth_mb"] < 50, measured
    assert measured["largest_mb"] - measured["after_1000_mb"] < 50, measured
