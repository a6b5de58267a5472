"""What is replaced in a stored article that is tagged anew."""

import json
from typing import Any

from connectors.codec import to_json
from transforms.records import Article

#: Fields of an article that a taxonomy fills.
TAGGED = ("topics", "casualties", "topics_version")


def tagged(article: Article) -> dict[str, Any]:
    """These fields of an article, as plain JSON data. Raises: ValueError, where it has no form in JSON."""
    data = json.loads(to_json(article))
    return {name: data[name] for name in TAGGED}
