"""Every command, as a user types it."""

import json
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.demo.server import WireServer
from pipelines.run import run_once
from pipelines.settings import load
from tests.e2e.cli import NEWSWIRE, environment, newswire, newswire_json, typed, wire_settings, write_settings


@pytest.fixture(scope="module")
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, server: WireServer) -> Path:
    """A folder with settings and a filled store."""
    folder = tmp_path_factory.mktemp("archive")
    run_once(load(str(wire_settings(folder, server))))
    return folder


def test_demo_shows_the_whole_job(tmp_path: Path) -> None:
    shown = newswire("demo", cwd=tmp_path, timeout=60).stdout
    for expected in (
        "68 new, 0 changed, 0 known",
        "2 new, 2 revised",
        "**Air strike**",
        "CORRECTED",
        "revision 2",
        "Just a moment",
        "HTTP 404",
    ):
        assert expected in shown
    assert "[bold]" not in shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_demo_can_keep_its_store(tmp_path: Path) -> None:
    newswire("demo", "--keep", "kept.db", cwd=tmp_path, timeout=60)
    (tmp_path / "newswire.toml").write_text('[store]\npath = "kept.db"\n')
    assert newswire_json("store", "status", cwd=tmp_path)["articles"] == 69


def test_run_ends_with_a_table(tmp_path: Path, server: WireServer) -> None:
    wire_settings(tmp_path, server)
    shown = newswire("run", cwd=tmp_path).stdout
    for word in ("feeds", "entries", "pages", "articles", "stored", "topics", "seconds", "6 polled", "68 new"):
        assert word in shown
    assert "rejected in fetch: Gone 1, Unreachable 1" in shown


def test_run_with_too_many_rejected_says_so(tmp_path: Path) -> None:
    write_settings(tmp_path, [("dead", "http://127.0.0.1:9/feed")])
    done = newswire("run", cwd=tmp_path, exit_code=3)
    assert "no feed that was polled has answered" in done.stdout
    assert "failing" in newswire("feeds", "list", cwd=tmp_path).stdout


def test_run_passes_beams_own_options_on(tmp_path: Path) -> None:
    for name in ("NoSuchRunner", "no.such.Runner", "newswire.NoSuchRunner"):
        said = newswire("run", "--", f"--runner={name}", cwd=tmp_path, exit_code=2).stderr
        assert said.startswith(f"newswire: --runner {name}: ")
    newswire("run", "--", "--runner=DirectRunner", "--direct_num_workers", "1", cwd=tmp_path)


@pytest.mark.parametrize(
    ("command", "option", "said"),
    [
        (["run", "--all"], "--paralelism=3", "Beam knows no --paralelism=3"),
        (["stream"], "--paralelism=3", "Beam knows no --paralelism=3"),
        (["stream", "--profile", "prism"], "paralelism", "Beam knows no paralelism"),
        (["run"], "--parallelism=three", "argument --parallelism: invalid int value: 'three'"),
        (["run"], "--runner", "argument --runner: expected one argument"),
    ],
)
def test_beams_options_that_cannot_be_are_said(tmp_path: Path, command: list[str], option: str, said: str) -> None:
    assert newswire(*command, "--", option, cwd=tmp_path, exit_code=2).stderr == f"newswire: after `--`: {said}\n"
    assert not list(tmp_path.iterdir())  # nothing was begun


@pytest.mark.slow
def test_two_runs_at_once_do_not_meet(tmp_path: Path, server: WireServer) -> None:
    wire_settings(tmp_path, server)
    first = subprocess.Popen([*NEWSWIRE, "run", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, env=environment())
    lock = tmp_path / "newswire.db.lock"
    while not (lock.exists() and lock.read_text()):
        assert first.poll() is None
    second = newswire("run", cwd=tmp_path, exit_code=1)
    assert f"process {first.pid}" in second.stderr
    out, _ = first.communicate(timeout=60)
    assert json.loads(out)["counts"]["store"]["new"] == 67


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupted_run_says_so_and_the_next_one_goes_on(
    tmp_path: Path, server: WireServer, number: signal.Signals
) -> None:
    wire_settings(tmp_path, server)
    asked = len(server.asked)
    run = subprocess.Popen([*NEWSWIRE, "run"], cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment())
    while len(server.asked) < asked + 20:
        assert run.poll() is None
    run.send_signal(number)
    _, err = run.communicate(timeout=20)
    assert (run.returncode, "the next run takes up" in err, "Traceback" in err) == (128 + number, True, False)
    newswire("run", "--all", cwd=tmp_path)
    assert newswire_json("store", "status", cwd=tmp_path)["articles"] == 67


@pytest.mark.slow
def test_a_full_disk_is_said_in_a_line_and_the_next_run_goes_on(tmp_path: Path, server: WireServer) -> None:
    wire_settings(tmp_path, server)
    done = subprocess.run(
        [*NEWSWIRE, "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)),
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    newswire("run", "--all", cwd=tmp_path)
    assert newswire_json("store", "status", cwd=tmp_path)["articles"] == 67


def test_without_settings_there_is_a_hint(tmp_path: Path) -> None:
    assert "newswire feeds add" in newswire("run", cwd=tmp_path).stdout


def test_search_marks_what_matched(archive: Path) -> None:
    shown = newswire("search", "title:hospital", cwd=archive).stdout
    assert "**hospital**" in shown
    assert "found" in shown


def test_search_as_json(archive: Path) -> None:
    found = newswire_json("search", "hospital AND idlib", "--topic", "airstrikes", "--limit", "2", cwd=archive)
    assert found["total"] >= 2
    assert len(found["hits"]) == 2
    hit = found["hits"][0]
    start, end = hit["highlight"]["text"]["spans"][0]
    assert hit["highlight"]["text"]["text"][start:end].lower() in ("hospital", "hospitals", "idlib")
    assert {tag["id"] for tag in hit["topics"]} >= {"airstrikes"}


def test_search_filters_by_time(archive: Path) -> None:
    everything = newswire_json("search", cwd=archive)["total"]
    late = newswire_json("search", "--since", "2026-11-18", cwd=archive)["total"]
    early = newswire_json("search", "--until", "2026-11-18", cwd=archive)["total"]
    assert 0 < late < everything
    assert late + early == everything


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["search", "title:("], "character", id="query"),
        pytest.param(["search", "NOT syria"], "must not occur", id="only not"),
        pytest.param(["search", "x", "--since", "soon"], "--since", id="since"),
        pytest.param(["feeds", "add", "ftp://example.org/feed"], "http", id="address"),
        pytest.param(["run", "no-such.toml"], "no-such.toml", id="no settings"),
        pytest.param(["feeds", "import", "no-such.opml"], "no-such.opml", id="no file"),
        pytest.param(["no-such-command"], "No such command", id="command"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(archive: Path, arguments: list[str], said: str) -> None:
    done = newswire(*arguments, cwd=archive, exit_code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_trace_of_an_unknown_address(archive: Path) -> None:
    assert "nothing is known" in newswire("trace", "https://example.org/x", cwd=archive, exit_code=1).stderr


def test_trace_tells_the_story(archive: Path, server: WireServer) -> None:
    rows = newswire_json("search", "title:hospital", "--source", "northline", cwd=archive)["hits"]
    shown = newswire("trace", rows[0]["url"], cwd=archive).stdout
    for word in ("announced by northline", "stored revision 1", "canonical", "airstrikes", "history"):
        assert word in shown


@pytest.mark.slow
def test_rejected_list_and_retry(tmp_path: Path, server: WireServer) -> None:
    wire_settings(tmp_path, server)
    newswire("run", cwd=tmp_path)
    listed = newswire("rejected", "list", cwd=tmp_path).stdout
    assert "HTTP 404" in listed
    assert "4 rejected" in listed
    rows = newswire_json("rejected", "list", "--stage", "extract", cwd=tmp_path)
    assert {row["error"] for row in rows} == {"Challenged", "ConsentWall"}
    assert "1 will be tried again" in newswire("rejected", "retry", "--error", "Gone", cwd=tmp_path).stdout
    summary = newswire_json("run", cwd=tmp_path)
    assert summary["counts"]["entry"] == {"again": 1}
    assert summary["counts"]["fetch"] == {"rejected": 1}


@pytest.mark.slow
def test_feeds_by_hand(tmp_path: Path, server: WireServer) -> None:
    _, url = server.feeds()[0]
    newswire("feeds", "add", url, "--id", "first", cwd=tmp_path)
    assert "already there" in newswire("feeds", "add", url, cwd=tmp_path).stdout
    assert [feed["id"] for feed in newswire_json("feeds", "list", cwd=tmp_path)] == ["first"]
    newswire("feeds", "pause", "first", cwd=tmp_path)
    assert "paused" in newswire("feeds", "list", cwd=tmp_path).stdout
    newswire("feeds", "resume", "first", cwd=tmp_path)
    assert "no feed" in newswire("feeds", "pause", "nobody", cwd=tmp_path, exit_code=1).stderr


def test_feeds_check_says_what_a_feed_would_give(tmp_path: Path, server: WireServer) -> None:
    write_settings(tmp_path, [])
    outlet, url = server.feeds()[0]
    checked = newswire_json("feeds", "check", url, cwd=tmp_path)
    assert len(checked["entries"]) == len(outlet.edition(1))
    assert outlet.name in newswire("feeds", "check", url, cwd=tmp_path).stdout
    home = url.rsplit("/", 1)[0] + "/"
    assert "a web page" in newswire("feeds", "check", home, cwd=tmp_path, exit_code=1).stderr


def test_private_addresses_are_refused_by_default(tmp_path: Path, server: WireServer) -> None:
    _, url = server.feeds()[0]
    done = newswire("feeds", "check", url, cwd=tmp_path, exit_code=1)
    assert "allow_private_hosts" in done.stderr


def test_feeds_as_opml_there_and_back(tmp_path: Path, server: WireServer) -> None:
    write_settings(tmp_path, [(outlet.id, url) for outlet, url in server.feeds()])
    newswire("feeds", "export", "all.opml", cwd=tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    assert "6 feeds added" in newswire("feeds", "import", str(tmp_path / "all.opml"), cwd=other).stdout
    assert "0 feeds added, 6 already there" in newswire("feeds", "import", str(tmp_path / "all.opml"), cwd=other).stdout
    ours, theirs = (newswire_json("feeds", "list", cwd=folder) for folder in (tmp_path, other))
    assert {feed["url"] for feed in ours} == {feed["url"] for feed in theirs}


def test_store_status(archive: Path) -> None:
    status = newswire_json("store", "status", cwd=archive)
    assert (status["articles"], status["ledger"]["rejected"], status["feeds"]) == (67, 4, 6)
    assert "articles" in newswire("store", "status", cwd=archive).stdout


PAGE = """<html lang="en"><head><title>Bridge reopens</title></head><body><article><h1>Bridge reopens</h1>
<p>The bridge over the river reopened on Monday after two years of work, the council said.</p>
<p>Engineers replaced the deck and painted the towers, and buses will cross it again from Tuesday.</p>
</article></body></html>"""


def test_extract_a_file(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    article = json.loads(newswire("extract", "page.html", "--url", "https://example.org/bridge", cwd=tmp_path).stdout)
    assert (article["title"], article["language"]) == ("Bridge reopens", "en")
    assert article["body"].startswith("The bridge over the river reopened")
    assert article["url"] == "https://example.org/bridge"


def test_extract_from_standard_input_and_tag_what_comes_out(tmp_path: Path) -> None:
    page = PAGE.replace(
        "The bridge over the river reopened on Monday", "An airstrike on Aleppo in Syria killed civilians"
    )
    article = newswire("extract", "-", cwd=tmp_path, stdin=page).stdout
    topics = json.loads(newswire("tag", "-", cwd=tmp_path, stdin=article).stdout)["topics"]
    assert {topic["id"] for topic in topics} == {"syria", "airstrikes", "civilian-casualties"}
    assert all(topic["evidence"] for topic in topics)


def test_extract_lines_in_order_and_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    lines = [
        {"key": 1, "url": "https://example.org/1", "html": PAGE},
        {"key": "two", "url": "https://example.org/2", "html_path": "page.html"},
        {"key": 3, "url": "https://example.org/3", "html_path": "missing.html"},
        {"key": 4, "url": "https://example.org/4", "html": ""},
        {"key": 5, "url": "javascript:alert(1)", "html": PAGE},
        {"key": 6, "url": "https://example.org/6", "html": PAGE},
    ]
    text = "\n".join([json.dumps(line) for line in lines[:3]] + ["no json"] + [json.dumps(line) for line in lines[3:]])
    done = newswire("extract", "--jsonl", cwd=tmp_path, stdin=text, exit_code=3)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["key"] for answer in answers] == [1, "two", 3, None, 4, 5, 6]
    assert ["error" in answer for answer in answers] == [False, False, True, True, True, True, False]
    assert answers[0]["title"] == answers[6]["title"] == "Bridge reopens"


def test_tag_lines(tmp_path: Path) -> None:
    lines = [
        {"key": "a", "title": "Airstrikes on Idlib", "body": "Warplanes bombed Idlib in Syria.", "language": "en"},
        {"key": "b", "title": "Pilots strike over pay", "body": "No flights on Friday.", "language": "en"},
        {"key": "c"},
    ]
    done = newswire("tag", "--jsonl", cwd=tmp_path, stdin="\n".join(map(json.dumps, lines)), exit_code=3)
    a, b, c = (json.loads(line) for line in done.stdout.splitlines())
    assert {topic["id"] for topic in a["topics"]} == {"airstrikes", "syria"}
    assert (b["topics"], c["key"], "error" in c) == ([], "c", True)


def test_settings_with_five_mistakes_give_five_messages_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "newswire.toml").write_text(
        '[fetch]\ntimeout_s = "soon"\nretries = 3\n'
        '[[feeds]]\nid = "Reuters World"\nurl = "ftp://example.org/rss"\nintervall = 5\n'
    )
    done = newswire("check", cwd=tmp_path, exit_code=2)
    assert "5 problem(s)" in done.stderr
    for place in ("fetch.timeout_s", "fetch.retries", "feeds.0.id", "feeds.0.url", "feeds.0.intervall"):
        assert place in done.stderr
    assert newswire("run", cwd=tmp_path, exit_code=2).stderr == done.stderr


def test_check_of_good_settings(archive: Path) -> None:
    assert "6 feeds, 10 topics" in newswire("check", cwd=archive).stdout


def test_a_taxonomy_with_mistakes_is_refused_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("version: '1'\ntopics: [{id: x, rules: [{id: r, any: {en: []}, nere: 1}]}]\n")
    (tmp_path / "newswire.toml").write_text('[topics]\ntaxonomy = "own.yaml"\n')
    done = newswire("check", cwd=tmp_path, exit_code=2)
    assert "topics.0.rules.0.any" in done.stderr
    assert "topics.0.rules.0.nere" in done.stderr


def test_a_backup_is_a_new_file_of_an_embedded_store(tmp_path: Path) -> None:
    assert "cannot be backed up" in typed("store", "backup", "copy.db", cwd=tmp_path, exit_code=2).stderr
    typed("store", "init", cwd=tmp_path)
    assert "copy.db: a copy of newswire.db" in typed("store", "backup", "copy.db", cwd=tmp_path).stdout
    assert "it is there already" in typed("store", "backup", "copy.db", cwd=tmp_path, exit_code=2).stderr
    (tmp_path / "newswire.toml").write_text('[store]\nurls = ["http://127.0.0.1:1"]\n')
    assert "snapshots" in typed("store", "backup", "other.db", cwd=tmp_path, exit_code=2).stderr


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "newswire.db").write_text("this is a letter to my aunt, and no database at all" * 50)
    done = newswire("store", "status", cwd=tmp_path, exit_code=2)
    assert "cannot be used as a store" in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param(
            '[[feeds]]\nid="a"\nurl="http://u:SECRET@h/x"\n[[feeds]]\nid="b"\nurl="http://u:SECRET@h/x"\n',
            "2 feeds share the url 'http://***@h/x'",
            id="a feed twice",
        ),
        pytest.param('[[feeds]]\nid="a"\nurl="http://u:SECRET@/x"\n', "feeds.0.url", id="a feed without a host"),
        pytest.param('[alerts]\nsmtp="smtp://u:SECRET@mail.example:25"\n', "alerts.smtp", id="mail server"),
        pytest.param('[alerts]\nbase_url="https://u:SECRET@ h"\n', "alerts.base_url", id="address of the pages"),
        pytest.param('[store]\nurls=["https://u:SECRET@h:x"]\n', "store.urls.0", id="store"),
    ],
)
def test_no_mistake_in_the_settings_tells_a_password(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "newswire.toml").write_text(settings)
    shown = typed("check", cwd=tmp_path, exit_code=2).stderr
    assert said in shown
    assert "SECRET" not in shown


def test_no_mistake_in_an_address_tells_what_is_in_it(tmp_path: Path) -> None:
    for channel in ("slack://SECRET/a/b", "htp://u:SECRET@h/x", "http://u:SECRET@/x"):
        assert "SECRET" not in typed("alerts", "add", "z", "idlib", "--to", channel, cwd=tmp_path, exit_code=2).stderr
    for command in (("trace",), ("search", "--like")):
        shown = typed(*command, "https://u:SECRET@h.example/?token=SECRET", cwd=tmp_path, exit_code=1).stderr
        assert "https://***@h.example/?token=***" in shown
    line = json.dumps({"html": "<p>x</p>", "url": "ht!tp://u:SECRET@h"})
    assert "SECRET" not in typed("extract", "--jsonl", "-", cwd=tmp_path, exit_code=3, stdin=line).stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("search", "--since", "99999999d"), "--since: '99999999d' is neither"),
        (("search", "--until", "9999-12-31T23:59:59-10:00"), "--until: "),
        (("backfill", "list.csv", "--since", "99999999d"), "--since: "),
        (("trace", "https://example.org/\udcff"), "is not UTF-8"),
        (("rejected", "list", "--stage", "ftch"), "'poll'"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given).encode("ascii", "replace").decode(),
)
def test_what_cannot_be_meant_is_said_in_a_line(tmp_path: Path, command: tuple[str, ...], said: str) -> None:
    (tmp_path / "list.csv").write_text("url\nhttp://127.0.0.1:9/a\n")
    assert said in typed(*command, cwd=tmp_path, exit_code=2).stderr


def test_what_cannot_be_extracted_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8bxx")
    (tmp_path / "large.html").write_bytes(b"x" * 20_000_000)
    for source in ("nofile", ".", "broken.gz", "large.html", "ftp://x.example/", "http://[::1", "file:///etc/passwd"):
        assert typed("extract", source, cwd=tmp_path, exit_code=1).stderr.startswith(f"newswire: {source}: ")


def test_whoever_looks_into_a_store_that_was_not_there_is_told(tmp_path: Path) -> None:
    assert "newswire.db: was not there" in typed("search", "idlib", cwd=tmp_path).stderr
    assert typed("search", "idlib", cwd=tmp_path).stderr == ""


def test_the_demo_leaves_a_store_alone_that_is_there(tmp_path: Path) -> None:
    typed("feeds", "add", "http://127.0.0.1:9/mine", "--unchecked", "--id", "mine", cwd=tmp_path)
    assert "is there already" in typed("demo", "--keep", "newswire.db", cwd=tmp_path, exit_code=2).stderr
    assert [feed["id"] for feed in json.loads(typed("feeds", "list", "--json", cwd=tmp_path).stdout)] == ["mine"]
