"""The material in ../shared, which tests use where it is there and the product never needs."""

import gzip
import json
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
PAGES = SHARED / "pages"
WHY_SKIPPED = "needs ../shared/pages (181 real pages with their true bodies), which is not beside this checkout"


def shared_pages() -> dict[str, tuple[str, bytes]]:
    """key → (url, page); empty where ../shared is absent."""
    truth = PAGES / "ground-truth.json"
    if not truth.exists():
        return {}
    urls = json.loads(truth.read_text("utf-8"))
    return {key: (urls[key]["url"], gzip.decompress((PAGES / f"{key}.html.gz").read_bytes())) for key in sorted(urls)}
