"""The list of feeds, as an operator keeps it: found, added, checked, taken off, carried from one archive to another."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from connectors.opening import SqliteSpec, open_store
from tests.e2e.cli import newswire, newswire_json, write_settings
from tests.site import Site, feed, page

#: Each is a handful of processes; `make test` has the commands' ways in test_commands.py.
pytestmark = pytest.mark.slow
RSS = "application/rss+xml"
XML = "application/xml"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_settings(tmp_path, [])
    return tmp_path


def put_feed(site: Site, path: str, title: str = "The Wire", stories: int = 2, **more: Any) -> str:
    items = [(f"Story {n} of {title}", site.url(f"{path}/{n}"), "") for n in range(stories)]
    return site.put(path, feed(items, title=title), content_type=RSS, **more)


def put_home(site: Site, head: str = "", body: str = "", path: str = "/") -> str:
    return site.put(path, f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode())


def alternate(href: str, title: str = "") -> str:
    return f'<link rel="alternate" type="{RSS}" title="{title}" href="{href}">'


def news_sitemap(*locs: str) -> bytes:
    date = datetime.now(UTC).isoformat()
    urls = "".join(
        f"<url><loc>{loc}</loc><news:news><news:publication><news:name>Sitemap News</news:name></news:publication>"
        f"<news:publication_date>{date}</news:publication_date><news:title>A story</news:title></news:news></url>"
        for loc in locs
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    ).encode()


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    """The feeds by id, as stored: asking the command each time would double the time all this takes."""
    with open_store(SqliteSpec(str(folder / "newswire.db"))) as store:
        return {feed.id: asdict(feed) for feed in store.feeds.all()}


def urls(folder: Path) -> set[str]:
    return {one["url"] for one in listed(folder).values()}


def test_a_feed_is_looked_at_and_named(site: Site, folder: Path) -> None:
    url = put_feed(site, "/feed", "[bold]The Wire[/bold]")
    said = newswire("feeds", "add", url, "--id", "wire", "--interval", "30m", "--no-robots", cwd=folder).stdout
    assert "wire: added ([bold]The Wire[/bold], 2 entries)" in said
    known = listed(folder)["wire"]
    assert (known["url"], known["name"], known["robots"], known["conditional"]) == (
        url,
        "[bold]The Wire[/bold]",
        False,
        True,
    )
    newswire("feeds", "add", put_feed(site, "/b"), "--id", "b", "--name", "B", "--no-conditional", cwd=folder)
    assert (listed(folder)["b"]["name"], listed(folder)["b"]["conditional"]) == ("B", False)
    site.forget()
    assert "wire: already there" in newswire("feeds", "add", url, cwd=folder).stdout
    assert "is taken" in newswire("feeds", "add", url + "?x", "--id", "wire", cwd=folder, exit_code=2).stderr
    assert site.paths() == []


def test_a_home_page_leads_to_its_best_feed(site: Site, folder: Path) -> None:
    head = alternate("/comments/feed", "Comments") + alternate("/dead") + alternate("/all", "All") + alternate("/world")
    home = put_home(site, head)
    put_feed(site, "/comments/feed", "Comments on The Wire")
    put_feed(site, "/all", "The Wire")
    put_feed(site, "/world", "The Wire: World", stories=3)
    said = newswire("feeds", "add", home, cwd=folder).stdout
    assert urls(folder) == {site.url("/all")}
    assert f"also: {site.url('/world')} - The Wire: World, 3 entries" in said
    assert f"also: {site.url('/comments/feed')} - Comments on The Wire, 2 entries" in said
    assert "/feed" not in site.paths()  # nothing is guessed where something is named
    assert "already there" in newswire("feeds", "add", home, cwd=folder).stdout
    newswire("feeds", "add", home, "--all", "--name", "Wire", cwd=folder)
    assert urls(folder) == {site.url("/all"), site.url("/world")}
    assert {one["name"] for one in listed(folder).values()} == {"The Wire", "Wire"}


def test_the_same_feed_at_two_addresses_is_one(site: Site, folder: Path) -> None:
    home = put_home(site, alternate("/feed") + alternate("/feed.xml"))
    body = feed([("A", site.url("/a"), "")])
    site.put("/feed", body, content_type=RSS)
    site.put("/feed.xml", body, content_type=RSS)
    assert "also" not in newswire("feeds", "add", home, cwd=folder).stdout
    assert urls(folder) == {site.url("/feed")}


def test_an_empty_feed_is_not_the_best(site: Site, folder: Path) -> None:
    home = put_home(site, alternate("/empty-one") + alternate("/full"))
    put_feed(site, "/empty-one", "Empty", stories=0)
    put_feed(site, "/full", "Full")
    newswire("feeds", "add", home, cwd=folder)
    assert urls(folder) == {site.url("/full")}


def test_a_page_about_feeds_is_followed(site: Site, folder: Path) -> None:
    home = put_home(site, body='<a href="/rss">RSS feeds</a>')
    put_home(site, body='<a href="/rss/world.xml">World</a><a href="/rss/more">more</a>', path="/rss")
    put_home(site, body='<a href="/rss/never.xml">too far</a>', path="/rss/more")
    put_feed(site, "/rss/world.xml", "World")
    put_feed(site, "/rss/never.xml", "Never")
    newswire("feeds", "add", home, cwd=folder)
    assert urls(folder) == {site.url("/rss/world.xml")}


def test_where_no_page_names_a_feed_known_paths_are_tried(site: Site, folder: Path) -> None:
    home = put_home(site)
    put_feed(site, "/atom.xml")
    newswire("feeds", "add", home, cwd=folder)
    assert urls(folder) == {site.url("/atom.xml")}


def test_a_news_sitemap_of_robots_txt(site: Site, folder: Path) -> None:
    home = put_home(site)
    site.put(
        "/robots.txt", f"User-agent: *\nSitemap: {site.url('/index-of-all.xml')}\n".encode(), content_type="text/plain"
    )
    children = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in ("/pages.xml", "/of-news.xml"))
    site.put("/index-of-all.xml", f"<sitemapindex>{children}</sitemapindex>".encode(), content_type=XML)
    site.put("/of-news.xml", news_sitemap(site.url("/a")), content_type=XML)
    said = newswire("feeds", "add", home, cwd=folder).stdout
    assert "Sitemap News, 1 entries" in said
    assert urls(folder) == {site.url("/of-news.xml")}
    checked = newswire_json("feeds", "check", site.url("/of-news.xml"), cwd=folder)
    assert [(entry["title"], entry["url"]) for entry in checked["entries"]] == [("A story", site.url("/a"))]


def test_an_index_of_sitemaps_by_hand(site: Site, folder: Path) -> None:
    site.put("/of-news.xml", news_sitemap(site.url("/a")), content_type=XML)
    index = f"<sitemapindex><sitemap><loc>{site.url('/of-news.xml')}</loc></sitemap></sitemapindex>"
    newswire("feeds", "add", site.put("/sitemap.xml", index.encode(), content_type=XML), cwd=folder)
    assert urls(folder) == {site.url("/of-news.xml")}


def test_no_feed_is_found(site: Site, folder: Path) -> None:
    home = put_home(
        site, alternate("http://user:secret@127.0.0.1:1/feed") + "".join(map(alternate, map(str, range(50))))
    )
    done = newswire("feeds", "add", home, cwd=folder, exit_code=1)
    assert "no feed was found" in done.stderr
    assert "HTTP 404" in done.stderr
    assert "secret" not in done.stderr
    assert listed(folder) == {}
    assert len(site.paths()) <= 2 + 12  # the page, robots.txt and the tries


def test_a_site_that_has_had_enough_is_left_alone(site: Site, folder: Path) -> None:
    home = put_home(site, alternate("/429") + alternate("/503"))
    assert "HTTP 429" in newswire("feeds", "add", home, cwd=folder, exit_code=1).stderr
    assert site.paths() == ["/", "/robots.txt", "/429"]


@pytest.mark.parametrize("path", ["/500", "/503", "/drop", "/forever"])
def test_what_cannot_be_reached_now_is_added_all_the_same(site: Site, folder: Path, path: str) -> None:
    site.put("/500", status=500)
    write_settings(folder, [], timeout_s=1)
    done = newswire("feeds", "add", site.url(path), cwd=folder)
    assert "could not be checked" in done.stderr
    assert urls(folder) == {site.url(path)}


def test_without_a_name_server(folder: Path) -> None:
    assert "could not be checked" in newswire("feeds", "add", "http://nobody.invalid/feed", cwd=folder).stderr
    assert urls(folder) == {"http://nobody.invalid/feed"}


@pytest.mark.parametrize(
    ("path", "said"), [("/gone", "HTTP 410"), ("/loop", "circle"), ("/binary", "neither RSS"), ("/empty", "empty")]
)
def test_what_is_no_feed_is_not_added_unless_told_to(site: Site, folder: Path, path: str, said: str) -> None:
    assert said in newswire("feeds", "add", site.url(path), cwd=folder, exit_code=1).stderr
    assert listed(folder) == {}
    site.forget()
    newswire("feeds", "add", site.url(path), "--unchecked", cwd=folder)
    assert urls(folder) == {site.url(path)}
    assert site.paths() == []


def test_headers_go_to_the_feeds_own_host(site: Site, folder: Path) -> None:
    url = put_feed(site, "/feed")
    newswire("feeds", "add", url, "--id", "wire", "--header", "X-Edition:  night", cwd=folder)
    assert site.asked_for("/feed")[0].headers["x-edition"] == "night"
    assert listed(folder)["wire"]["headers"] == (("X-Edition", "night"),)
    with Site() as other:
        elsewhere = put_feed(other, "/theirs", "Theirs")
        home = put_home(site, alternate(elsewhere))
        newswire("feeds", "add", home, "--id", "theirs", "--header", "X-Edition: night", cwd=folder)
        assert "x-edition" not in other.asked_for("/theirs")[0].headers
    assert listed(folder)["theirs"]["headers"] == ()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--header", "Authorization: Bearer s3cr3t"], "from the environment"),
        (["--header", "Cookie: session=s3cr3t"], "from the environment"),
        (["--header", "X-Api-Key: s3cr3t"], "from the environment"),
        (["--header", "s3cr3t"], "Name: value"),
        (["--header", "Host: s3cr3t"], "Host"),
        (["--header", "A b: s3cr3t"], "header"),
        (["--interval", "soon"], "--interval"),
        (["--interval", "31d"], "from 1s to 30d"),
    ],
)
def test_options_that_cannot_be(folder: Path, options: list[str], said: str) -> None:
    done = newswire("feeds", "add", "http://nobody.invalid/feed", *options, cwd=folder, exit_code=2)
    assert said in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_secret_that_is_not_there_yet(site: Site, folder: Path) -> None:
    url = put_feed(site, "/feed")
    header = "Authorization: Bearer ${NO_SUCH_TOKEN_HERE}"
    assert "NO_SUCH_TOKEN_HERE" in newswire("feeds", "add", url, "--header", header, cwd=folder).stderr
    assert urls(folder) == {url}


def test_feeds_are_taken_off_the_list(site: Site, folder: Path) -> None:
    newswire("feeds", "add", put_feed(site, "/feed"), "--id", "mine", cwd=folder)
    write_settings(folder, [("listed", site.url("/other"))])
    assert "settings file" in newswire("feeds", "remove", "listed", cwd=folder, exit_code=1).stderr
    assert "no feed" in newswire("feeds", "remove", "nobody", cwd=folder, exit_code=1).stderr
    newswire("feeds", "remove", "mine", cwd=folder)
    assert set(listed(folder)) == {"listed"}


def test_check_by_id_with_the_feeds_own_headers(site: Site, folder: Path) -> None:
    newswire("feeds", "add", put_feed(site, "/feed"), "--id", "wire", "--header", "X-Edition: night", cwd=folder)
    newswire("run", cwd=folder)
    site.forget()
    checked = newswire_json("feeds", "check", "wire", cwd=folder)
    assert (len(checked["entries"]), checked["proposals"], checked["error"]) == (2, [], None)
    assert checked["health"]["state"] == "well"
    (asked,) = site.asked_for("/feed")
    assert asked.headers["x-edition"] == "night"
    assert "if-none-match" not in asked.headers
    assert "wire: well" in newswire("feeds", "check", "wire", cwd=folder).stdout
    (one,) = newswire_json("feeds", "list", cwd=folder)
    assert (one["health"]["state"], [note["outcome"] for note in one["polls"]]) == ("well", ["new"])
    assert "neither" in newswire("feeds", "check", "nobody", cwd=folder, exit_code=1).stderr


def test_a_check_leaves_no_store_behind(site: Site, folder: Path) -> None:
    newswire("feeds", "check", put_feed(site, "/feed"), cwd=folder)
    assert not (folder / "newswire.db").exists()


def test_a_dead_feed_is_looked_for_elsewhere(site: Site, folder: Path) -> None:
    old = put_feed(site, "/world/old.xml")
    newswire("feeds", "add", old, "--id", "wire", cwd=folder)
    site.put("/world/old.xml", status=404)
    put_home(site, alternate("/world/new.xml", "New") + alternate("/comments/feed"), path="/world/")
    put_feed(site, "/world/new.xml", "The New Wire", stories=4)
    put_feed(site, "/comments/feed", "Comments")
    checked = newswire_json("feeds", "check", "wire", cwd=folder, exit_code=1)
    assert (checked["error"]["kind"], checked["entries"]) == ("not-found", [])
    assert checked["proposals"] == [
        {"url": site.url("/world/new.xml"), "title": "The New Wire", "entries": 4, "why": "alternate"}
    ]
    done = newswire("feeds", "check", old, cwd=folder, exit_code=1)
    assert "HTTP 404" in done.stderr
    assert "wire: new" in done.stdout  # its health: it was not polled yet
    (proposed,) = (line for line in done.stdout.splitlines() if "propose" in line)
    commands = [command.split()[1:] for command in proposed.partition("propose: ")[2].split("&&")]
    for command in commands:  # as it was proposed
        newswire(*command, cwd=folder)
    assert {(one["id"], one["url"]) for one in listed(folder).values()} == {("wire", site.url("/world/new.xml"))}


def test_a_web_page_in_a_feeds_place_leads_on(site: Site, folder: Path) -> None:
    site.put("/feed", status=302, headers={"Location": "/"})
    put_home(site, alternate("/new"))
    put_feed(site, "/new", "New")
    done = newswire("feeds", "check", site.url("/feed"), cwd=folder, exit_code=1)
    assert "a web page" in done.stderr
    assert f"propose: newswire feeds add {site.url('/new')}" in done.stdout


def test_a_dead_feed_of_the_settings_and_nothing_instead(site: Site, folder: Path) -> None:
    write_settings(folder, [("listed", site.url("/old"))])
    site.put("/old", status=410)
    assert "no other feed" in newswire("feeds", "check", "listed", cwd=folder, exit_code=1).stdout
    put_home(site, alternate("/new"))
    put_feed(site, "/new")
    said = newswire("feeds", "check", "listed", cwd=folder, exit_code=1).stdout
    assert f'url = "{site.url("/new")}" for listed in the settings file' in said


def test_trouble_of_the_moment_is_no_death(site: Site, folder: Path) -> None:
    put_home(site, alternate("/new"))
    put_feed(site, "/new")
    done = newswire("feeds", "check", site.url("/503"), cwd=folder, exit_code=1)
    assert "HTTP 503" in done.stderr
    assert site.paths() == ["/503"]


def test_a_feed_that_has_moved_for_good(site: Site, folder: Path) -> None:
    new = put_feed(site, "/new", "The Wire")
    site.put("/old", status=301, headers={"Location": "/new"})
    assert (
        f"moved for good: {new} - The Wire, 2 entries"
        in newswire("feeds", "check", site.url("/old"), cwd=folder).stdout
    )
    (proposal,) = newswire_json("feeds", "check", site.url("/old"), cwd=folder)["proposals"]
    assert (proposal["url"], proposal["why"]) == (new, "moved")
    site.put("/old", status=302, headers={"Location": "/new"})
    assert newswire_json("feeds", "check", site.url("/old"), cwd=folder)["proposals"] == []


FIELDS = ("id", "url", "name", "language", "interval", "paused", "conditional", "robots", "follow_moves")


def test_opml_there_and_back_again(site: Site, folder: Path) -> None:
    add = ("feeds", "add", "--unchecked")
    newswire(*add, site.url("/a?x=1&y=<2>"), "--id", "a", "--name", 'Лента & "Ко"', "--language", "ru", cwd=folder)
    newswire(*add, site.url("/b"), "--id", "b.1", "--interval", "90m", "--no-robots", "--no-conditional", cwd=folder)
    newswire(*add, site.url("/c"), "--id", "c", "--header", "X-Edition: night", cwd=folder)
    newswire("feeds", "pause", "c", cwd=folder)
    done = newswire("feeds", "export", "all.opml", cwd=folder)
    assert "headers of c" in done.stderr
    assert "night" not in (folder / "all.opml").read_text("utf-8")
    other = folder / "other"
    other.mkdir()
    newswire("feeds", "import", str(folder / "all.opml"), cwd=other)
    ours, theirs = ({i: [one[f] for f in FIELDS] for i, one in listed(where).items()} for where in (folder, other))
    assert ours == theirs
    assert len(ours) == 3


def test_secrets_stay_at_home(folder: Path) -> None:
    url = "http://reader:s3cr3t@nobody.invalid/feed"
    newswire("feeds", "add", "--unchecked", url, "--id", "paid", cwd=folder)
    assert [one["url"] for one in newswire_json("feeds", "list", cwd=folder)] == ["http://***@nobody.invalid/feed"]
    done = newswire("feeds", "export", "-", cwd=folder)
    assert "paid" in done.stderr
    assert "s3cr3t" not in done.stdout
    (folder / "safe.opml").write_text(done.stdout)
    done = newswire("feeds", "export", "whole.opml", "--with-credentials", cwd=folder)
    assert done.stderr == ""
    root = ET.fromstring((folder / "whole.opml").read_bytes())
    assert [outline.get("xmlUrl") for outline in root.iter("outline")] == [url]
    other = folder / "other"
    other.mkdir()
    done = newswire("feeds", "import", str(folder / "safe.opml"), cwd=other, exit_code=1)
    assert "user and password" in done.stderr
    assert listed(other) == {}
    newswire("feeds", "import", str(folder / "whole.opml"), cwd=other)
    assert set(listed(other)) == {"paid"}


def test_opml_of_other_programs(folder: Path) -> None:
    (folder / "theirs.opml").write_text(
        """<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>
        <outline text="News"><outline text="World"><outline type="rss" text="Wire &amp; Co" language="en-GB"
        xmlUrl="https://wire.example/feed?a=1&amp;b=2"/></outline></outline>
        <outline title="Only a title" xmlUrl="https://other.example/feed"/>
        <outline title="Again" xmlUrl="https://other.example/feed"/>
        <outline text="Lost" xmlUrl="feed://lost.example/feed"/><outline text="Empty folder"/></body></opml>"""
    )
    done = newswire("feeds", "import", "theirs.opml", cwd=folder, exit_code=1)
    assert "2 feeds added, 0 already there, 1 without" in done.stdout
    assert {(one["id"], one["name"], one["language"]) for one in listed(folder).values()} == {
        ("wire-co", "Wire & Co", "en"),
        ("only-a-title", "Only a title", ""),
    }


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param('<opml><body><outline xmlUrl="https://a.example/feed"/><outline', "broken XML", id="cut off"),
        pytest.param("<opml><body/></opml>", "no feeds", id="none"),
        pytest.param("", "broken XML", id="empty"),
        pytest.param("not even XML", "broken XML", id="text"),
        pytest.param(
            '<opml xmlns:n="urn:newswire:opml"><body><outline xmlUrl="https://a.example/1"/>'
            '<outline n:id="b" n:interval="soon" xmlUrl="https://a.example/2"/></body></opml>',
            "https://a.example/2: must be a number",
            id="interval",
        ),
        pytest.param(
            '<opml xmlns:n="urn:newswire:opml"><body><outline n:id="Ж Ж" xmlUrl="https://a.example/2"/></body></opml>',
            "is no id",
            id="id",
        ),
        pytest.param(
            '<opml xmlns:n="urn:newswire:opml"><body><outline n:robots="no" xmlUrl="https://a.example/2"/></body></opml>',
            "true or false",
            id="switch",
        ),
    ],
)
def test_of_a_broken_opml_nothing_is_imported(folder: Path, document: str, said: str) -> None:
    (folder / "broken.opml").write_text(document, "utf-8")
    done = newswire("feeds", "import", "broken.opml", cwd=folder, exit_code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert listed(folder) == {}


def test_a_sitemap_is_polled_and_its_pages_are_named_by_themselves(site: Site, folder: Path) -> None:
    """Of an ordinary sitemap only addresses are known: the headline is the page's."""
    site.put(
        "/story", page("The council agrees", ["The council met on Monday and agreed on the budget after a debate."])
    )
    old = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    body = (
        f"<urlset><url><loc>{site.url('/story')}</loc><lastmod>{datetime.now(UTC).isoformat()}</lastmod></url>"
        f"<url><loc>{site.url('/old')}</loc><lastmod>{old}</lastmod></url></urlset>"
    )
    newswire("feeds", "add", site.put("/sitemap.xml", body.encode(), content_type=XML), cwd=folder)
    assert newswire_json("run", cwd=folder)["counts"]["store"] == {"new": 1}
    (hit,) = newswire_json("search", "council", cwd=folder)["hits"]
    assert hit["title"] == "The council agrees"
    assert "/old" not in site.paths()
