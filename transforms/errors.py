"""Every error this project raises on purpose.

    NewswireError
    ├── Transient          worth another try, perhaps after `retry_after`
    │   ├── Unreachable    no answer, or an answer cut short
    │   └── Busy           429, 503, a store that is locked
    └── Permanent          this input will never work as it is; trying again is noise
        ├── Gone           404, 410
        ├── Refused        401, 403 and the other 4xx
        ├── Forbidden      an address or scheme we do not go to (private hosts, javascript:)
        ├── TooLarge       over the byte cap, packed or unpacked
        ├── TooSlow        reading it took longer than a worker may take
        ├── Crashed        reading it ended its worker
        ├── NoLink         an entry that leads nowhere
        ├── NotAFeed
        ├── NotAnArticle   no web page, or nothing to read
        │   ├── Challenged     "Just a moment…": the site wants proof of a human reader
        │   ├── ConsentWall    the site wants consent first
        │   ├── LoginWall      … an account
        │   ├── Paywalled      … a subscription, and shows next to nothing of the story
        │   ├── ErrorPage      "Page not found", maintenance and the like, sent as if all were well
        │   └── IndexPage      a list of stories
        └── Unindexable    the store rejected the document

`ConfigError`, `StoreFailed` and `QueryError` stand apart: they are for the person at the keyboard, and no pipeline
catches them.
"""

from datetime import timedelta
from typing import ClassVar


class NewswireError(Exception):
    """Base of the two families; pickles, because Beam ships errors between workers.

    `subject` is the URL or document id an operator would search for; `reason` is one line of plain words.
    """

    #: Whether the same request may succeed later.
    retryable: ClassVar[bool] = False

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(subject, reason)  # args must equal the signature, or unpickling fails
        self.subject = subject
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"


class Transient(NewswireError):
    """The same request may succeed later. `retry_after` is the server's own wish, when it gave one."""

    retryable = True

    def __init__(self, subject: str, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(subject, reason)
        self.args = (subject, reason, retry_after)
        self.retry_after = retry_after


class Permanent(NewswireError):
    """The input itself is the problem."""


class Unreachable(Transient):
    """No answer, or an answer cut short."""


class Busy(Transient):
    """The other side asked for patience: 429, 503, a locked store."""


class Gone(Permanent):
    """404 or 410."""


class Refused(Permanent):
    """The server will not give it to us: 401, 403 and the other 4xx."""


class Forbidden(Permanent):
    """We will not go there: a private address, or a scheme other than http and https."""


class TooLarge(Permanent):
    """More bytes than the cap, as sent or once unpacked."""


class TooSlow(Permanent):
    """A worker was stopped while reading it."""


class Crashed(Permanent):
    """A worker died, or ran out of its memory, while reading it."""


class NoLink(Permanent):
    """A feed's item without an address of its own."""


class NotAFeed(Permanent):
    """What the feed's address answered is no feed."""


class NotAnArticle(Permanent):
    """What the entry's address answered is no article."""


class Challenged(NotAnArticle):
    """A captcha, a browser check or a block stands in place of the page; it may be gone in an hour."""

    retryable = True


class ConsentWall(NotAnArticle):
    """The page asks for consent to cookies and the like before it shows the story."""


class LoginWall(NotAnArticle):
    """The page asks its reader to log in or to register."""


class Paywalled(NotAnArticle):
    """The page asks its reader to pay, and has no more than a line of the story."""


class ErrorPage(NotAnArticle):
    """An error or maintenance page that was sent with a status of success: repaired, or published, some time later."""

    retryable = True


class IndexPage(NotAnArticle):
    """A home, section, tag, search or author page."""


class Unindexable(Permanent):
    """The store rejected this document."""


class ConfigError(Exception):
    """The settings cannot be used; the message lists every problem with its place."""


class StoreFailed(Exception):
    """The store cannot be written at all: a full or broken disk, a read-only file. Nothing can be recorded any more."""


class QueryError(ValueError):
    """A search or subscription query that cannot be understood.

    `position` counts characters from 0; None where the problem has no single place.
    """

    def __init__(self, query: str, reason: str, position: int | None = None) -> None:
        super().__init__(query, reason, position)
        self.query = query
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        if self.position is None:
            return f"{self.reason}: {self.query}"
        return f"{self.reason} (at character {self.position + 1})\n  {self.query}\n  {' ' * self.position}^"
