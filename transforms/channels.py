"""Where a subscription's messages go, as an address.

https://desk.example/hook       a webhook: signed JSON by POST; `webhook:${NAME}` where the address itself is a secret
mailto:desk@example.org         mail
atom:                           an Atom feed of its own, a file
log:                            a line on standard error
apprise:${NAME}                 a service of Apprise, by its URL: a secret, so named and never written out
"""

import re
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from transforms.urls import is_followable, redact

#: All forms of an address, for people.
FORMS = "https://…, mailto:…, atom:, log:, webhook:${NAME} or apprise:${NAME}"
Kind = Literal["webhook", "mail", "atom", "log", "apprise"]
#: One address, as far as it needs no quoting (RFC 5321, 4.1.2); nothing in it can end a header.
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_REFERENCE = re.compile(r"\$\{(?:[A-Za-z_][A-Za-z0-9_]*|file:/[^{}\s]+)\}")


class Channel(NamedTuple):
    """A channel's kind, and what that kind needs: a URL or a reference to one, a mailbox, nothing."""

    kind: Kind
    target: str


def channel(address: str) -> Channel:
    """What an address says. Raises: ValueError, with what to write instead."""
    scheme, _, rest = address.partition(":")
    match scheme.lower():
        case "http" | "https":
            if not is_followable(address):
                raise ValueError(f"{redact(address)!r} is no complete http or https address")
            if urlsplit(address).username is not None:
                raise ValueError("a webhook with a password in its address is a secret; write webhook:${NAME}")
            return Channel("webhook", address)
        case "webhook" | "apprise" as kind:
            if not _REFERENCE.fullmatch(rest):
                raise ValueError(f"{kind}: takes the name of a secret, {kind}:${{NAME}} or {kind}:${{file:/path}}")
            return Channel("webhook" if kind == "webhook" else "apprise", rest)
        case "mailto":
            if not _MAILBOX.fullmatch(rest) or "=?" in rest:  # what begins an encoded word (RFC 2047)
                raise ValueError(f"{rest!r} is no mail address such as desk@example.org")
            return Channel("mail", rest)
        case "atom" | "log" as kind:
            if rest:
                raise ValueError(f"{kind}: stands alone, got {address!r}")
            return Channel("atom" if kind == "atom" else "log", "")
        case _:
            # Not the address itself: that of a service, written without `apprise:`, is a secret.
            raise ValueError(f"{f'{scheme}:…' if rest else address!r} is no channel: {FORMS}")
