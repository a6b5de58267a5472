"""The 181 real pages of ../shared through `newswire extract --jsonl`."""

import json
from pathlib import Path

import pytest

from tests.e2e.cli import newswire
from tests.shared import PAGES, WHY_SKIPPED, shared_pages


@pytest.mark.slow
@pytest.mark.skipif(not shared_pages(), reason=WHY_SKIPPED)
def test_every_page_gives_its_article_in_its_place(tmp_path: Path) -> None:
    pages = shared_pages()
    # Neither the order of the files nor that of the keys: what comes out in order was kept in order.
    keys = sorted(pages, key=lambda key: key[::-1])
    lines = [{"key": key, "url": pages[key][0], "html_path": str(PAGES / f"{key}.html.gz")} for key in keys]
    done = newswire("extract", "--jsonl", cwd=tmp_path, stdin="\n".join(map(json.dumps, lines)) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["key"] for answer in answers] == keys
    assert {answer["key"]: answer["error"] for answer in answers if "error" in answer} == {}
    assert [answer["key"] for answer in answers if not (answer["title"] and answer["body"])] == []
    assert [answer["urls"]["announced"] for answer in answers] == [line["url"] for line in lines]
