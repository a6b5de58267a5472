"""The identity of a story is derived from its address. Sources: shared REFERENCES.md, items 5 and 6; RFC 3986."""

import hashlib
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote_plus, urlencode, urljoin, urlsplit, urlunsplit

#: Parameters that only say where a reader came from. Nothing else is removed: an unknown one may choose the story.
TRACKING = frozenset(
    {
        "fbclid",
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "_hsenc",
        "_hsmi",
        "srsltid",
        "yclid",
        "igshid",
    }
)
TRACKING_PREFIXES = ("utm_", "mtm_")
DEFAULT_PORTS = {"http": 80, "https": 443}
#: Longer addresses are refused: no server is known that needs them, and they end up in keys and logs.
MAX_URL = 2_000
_USERINFO = re.compile(r"^((?:[^/?#]*:)?//)[^/?#]*@")
#: An address, wherever in a text: what follows its scheme up to a blank or a quote. No scheme is long; without a bound,
#: a text of one long word would be read from each of its letters to its end.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}://[^\s\"'<>]+")
#: Parameters that let their bearer in. `key` and `sid` may be harmless; what masking them in a log costs is little.
SECRETS = frozenset(
    {
        "access_key",
        "access_token",
        "accesskey",
        "api-key",
        "api_key",
        "apikey",
        "auth",
        "auth_key",
        "auth_token",
        "authkey",
        "authorization",
        "authtoken",
        "client_secret",
        "credential",
        "credentials",
        "feed_token",
        "feedkey",
        "hmac",
        "id_token",
        "jsessionid",
        "jwt",
        "key",
        "pass",
        "passwd",
        "password",
        "phpsessid",
        "private_token",
        "pwd",
        "refresh_token",
        "rss_token",
        "secret",
        "session",
        "session_id",
        "sessionid",
        "sid",
        "sig",
        "signature",
        "subscription-key",
        "token",
        "x-amz-credential",
        "x-amz-security-token",
        "x-amz-signature",
        "x-goog-signature",
    }
)
#: What stands between two marks of a query, and the names in it: some servers part parameters by semicolons, too.
_PIECE = re.compile("[?&;#][^&#]*")
_NAME = re.compile("[?&;#]([^?&;#=]+)=(?=.)", re.DOTALL)
_ITEM = "newswire-item="
#: Control characters, which a terminal would obey, and halves of UTF-16 pairs, which no encoding can write.
_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


def is_followable(url: str) -> bool:
    """Whether `url` is an absolute http(s) address with a host, short enough to keep."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        return known and len(url) <= MAX_URL and not _UNFIT.search(url)
    except ValueError:  # "http://[half", "http://host:99999"
        return False


def absolute(base: str, link: str) -> str:
    """`link` as seen from `base`; an empty string when it leads nowhere that can be fetched."""
    try:
        url = urljoin(base, link.strip())
    except ValueError:
        return ""
    return url if is_followable(url) else ""


def host_of(url: str) -> str:
    """`host` or `host:port`: the unit of politeness. The default port is left out."""
    parts = urlsplit(url)
    return _host(parts.scheme, parts.netloc)


@lru_cache(maxsize=16_384)
def origin_of(url: str) -> str:
    """`scheme://host` or `scheme://host:port`: what a robots.txt is for (RFC 9309, 2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{_host(parts.scheme, parts.netloc)}"


def domain_of(url: str) -> str:
    """The host without `www.`, as shown to readers."""
    return host_of(url).removeprefix("www.")


def same_site(url: str, other: str) -> bool:
    """Whether one host is the other's, or above or below it: the outlet itself answers for both."""
    ours, theirs = domain_of(url), domain_of(other)
    return ours == theirs or ours.endswith(f".{theirs}") or theirs.endswith(f".{ours}")


def without_tracking(url: str) -> str:
    """`url` without the parameters known to be tracking and without its fragment; nothing else changes."""
    parts = urlsplit(url)
    # The pieces as written: decoding and encoding again would change those in windows-1251, or with %20 for a space.
    query = "&".join(piece for piece in parts.query.split("&") if not _is_tracking(*_key_and_value(piece)))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def of_item(url: str, name: str) -> str:
    """The address of one item at an address that its feed gives to many; the fragment is ours, and never sent."""
    return f"{url.partition('#')[0]}#{_ITEM}{name}"


def is_of_item(url: str) -> bool:
    """Whether `url` was made by `of_item`: what is at the address is not the item's own page."""
    return urlsplit(url).fragment.startswith(_ITEM)


def canonical_url(url: str) -> str:
    """The spelling of a URL that two feeds carrying the same story agree on.

    For comparison only, never for fetching: the scheme is made https, `www.` and a last slash are dropped and the
    query is sorted. Paths keep their case, and other sub-domains are never merged.
    """
    given = urlsplit(url.strip()).fragment
    parts = urlsplit(without_tracking(url.strip()))
    host = re.sub(r"^(?:www\.)+", "", host_of(url.strip())).removesuffix(":443")
    path = parts.path.rstrip("/ ") or "/"
    # surrogateescape: bytes that are no UTF-8 stay the bytes they are, and two stories do not become one.
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    query = urlencode(sorted(pairs), errors="surrogateescape")
    return urlunsplit(("https", host, path, query, given if given.startswith(_ITEM) else ""))


def doc_id(url: str) -> str:
    """The id of the story at `url`: the same story twice is one document.

    The leading `1` is the version of this recipe; change the recipe, change it.
    """
    return f"1{hashlib.sha256(canonical_url(url).encode()).hexdigest()[:31]}"


def is_front_page(url: str) -> bool:
    """Whether `url` is a site's root: where a publisher sends readers of a story that is no longer there."""
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query


def without_credentials(url: str) -> str:
    """`url` without user and password: they are for the feed, and must not reach an article that is shown around."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


def redact(url: str) -> str:
    """`url` without user, password and the values of SECRETS in its query, for logs, errors and the ledger. Broken
    addresses are logged, too."""
    return _PIECE.sub(_masked, _USERINFO.sub(r"\1***@", url))


def redacted(text: str) -> str:
    """A text with each address in it as `redact` has it: a message that says what somebody wrote."""
    return _ADDRESS.sub(lambda found: redact(found[0]), text)


def _masked(piece: re.Match[str]) -> str:
    for name in _NAME.finditer(piece[0]):
        if unquote_plus(name[1]).lower() in SECRETS:
            return f"{piece[0][: name.end()]}***"
    return piece[0]


@lru_cache(maxsize=10_000)  # it is asked of every URL several times, and costs more than parsing it
def _host(scheme: str, netloc: str) -> str:
    parts = SplitResult(scheme, netloc, "", "", "")
    port = parts.port
    host = (parts.hostname or "").lower()
    if ":" in host:  # IPv6: without its brackets it would not be a host of a URL again
        host = f"[{host}]"
    return host if port in (None, DEFAULT_PORTS.get(scheme)) else f"{host}:{port}"


def _key_and_value(piece: str) -> tuple[str, str]:
    key, _, value = piece.partition("=")
    return unquote_plus(key), unquote_plus(value)


def _is_tracking(key: str, value: str) -> bool:
    key = key.lower()
    if key == "ref":  # `ref` chooses content on some sites; only a host name in it is tracking
        return "." in value and " " not in value and "/" not in value
    return key in TRACKING or key.startswith(TRACKING_PREFIXES)
