"""What a site's robots.txt asks of us. Source: RFC 9309; crawl-delay is older than it, and honoured all the same."""

import re
from datetime import timedelta
from typing import Final

from protego import Protego

from transforms.charsets import UTF16
from transforms.errors import NewswireError, Transient
from transforms.records import Response

#: What a crawler must read at least (RFC 9309, 2.5); what comes after it is not read.
MAX_BYTES: Final = 500 * 1024
#: A wish for more than this would amount to a ban: at a minute a page, a day's news takes days.
MAX_DELAY: Final = 30.0
#: How long an answer is good for (RFC 9309, 2.4), and how long when no newer one can be had (2.3.1.4).
FRESH: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=30)

_END_OF_PRODUCT = re.compile(r"[\s/;,(*]")
#: A line that opens a group, in the spellings protego takes for one.
_AGENT = re.compile(r"^\s*user(?:-|\s*)agent(?:\s*:|\s)\s*([^#]*).*$", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|script)\b", re.IGNORECASE)
#: The name of no robot: no product token has brackets.
_OTHERS = "(others)"


class Rules:
    """The rules of one robots.txt. A text that is broken, empty or no robots.txt at all allows everything."""

    def __init__(self, text: str) -> None:
        self._text = "" if _PAGE.match(text) else text.removeprefix("\ufeff")
        self._read: dict[str, Protego] = {}

    def allows(self, url: str, agent_token: str) -> bool:
        """Whether the robot of that name (see `agent_token`) may fetch `url`, an absolute address of the rules' own
        site. Of the rules that match, the longest counts, and at equal length `allow` (RFC 9309, 2.2.2)."""
        if not self._text:
            return True
        return self._for(agent_token).can_fetch(url, agent_token)

    def delay(self, agent_token: str) -> float | None:
        """Seconds between two requests, at most MAX_DELAY; None when nothing is asked for."""
        asked = self._for(agent_token).crawl_delay(agent_token) if self._text else None
        return None if asked is None else min(asked, MAX_DELAY)

    def sitemaps(self) -> tuple[str, ...]:
        """The addresses of the site's sitemaps, as written, each once."""
        return tuple(dict.fromkeys(self._for("*").sitemaps)) if self._text else ()

    def _for(self, agent_token: str) -> Protego:
        """The rules as they concern one robot.

        protego would match the start of a name ("news" for newswire; RFC 9309, 2.2.1 wants the whole) and would copy
        each rule of a group for each of its robots: 50 kB of 3,000 robots and 3,000 rules take 14 s and 700 MB. So all
        other robots are made one.
        """
        if agent_token not in self._read:
            lines = (_AGENT.sub(lambda found: _group(found[1], agent_token), line) for line in self._text.splitlines())
            self._read[agent_token] = Protego.parse("\n".join(lines))
        return self._read[agent_token]


def agent_token(user_agent: str) -> str:
    """The name robots.txt knows a robot by: the product of its User-Agent, "newswire" of "newswire/0.1 (+https://…)"."""
    return _END_OF_PRODUCT.split(user_agent.strip(), maxsplit=1)[0]


def verdict(answer: Response | NewswireError) -> str | None:
    """The text to keep of an answer to the request for robots.txt, asked for without validators (RFC 9309, 2.3.1).

    Empty where there are no rules: at a 4xx, at redirects without an end or to where we never go, at more bytes than
    any file of rules has, at a 304 nobody asked for, and at a page sent in place of the file. None while the site is in
    trouble (429, 5xx, no connection): there it is to be left alone, or older rules to be kept.
    """
    if isinstance(answer, Transient):
        return None
    if isinstance(answer, NewswireError):
        return ""
    text = _decoded(answer.body)
    return "" if _PAGE.match(text) else text


def _decoded(body: bytes) -> str:
    cut = body[:MAX_BYTES]
    if len(cut) < len(body):  # half a line may forbid more than the whole: "Disallow: /" of "Disallow: /private"
        cut = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]
    if cut.startswith(UTF16):
        return cut.decode("utf-16", errors="replace")
    return cut.decode("utf-8-sig", errors="replace")


def _group(value: str, robot: str) -> str:
    """The line that opens a group for `value`, as it concerns one robot."""
    name = value.strip()
    if name != "*":
        name = robot if agent_token(name).lower() == robot.lower() else _OTHERS
    return f"User-agent: {name}"
