"""`newswire demo`: the sample wire on loopback, subscribed to, ingested twice, searched and traced as a user would."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import tomli_w

from pipelines.alerts.commands import add_command, show_command
from pipelines.cli import EXIT_FAILED, EXIT_OK
from pipelines.commands import rejected_list_command, search_command, trace_command
from pipelines.demo.server import WireServer
from pipelines.report import console
from pipelines.run_commands import run_command
from pipelines.settings import Settings
from transforms.errors import ConfigError

#: A page that never answers costs the demo this long, once a round.
TIMEOUT_S = 4
ALERT = '"air strikes" OR airstrike'
QUERY = '"air strikes" OR airstrike AND civilians'


def show(keep: str | None) -> int:
    """Run the demo and print it; the store goes away with it unless `keep` names a file.

    Raises: ConfigError, where that file is there.
    """
    out = console()
    if keep and Path(keep).exists():  # perhaps somebody's archive: the demo's feeds and subscription are not for it
        raise ConfigError(f"{keep}: is there already; name a file that is not, or remove it")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newswire-demo-")))
        server = stack.enter_context(WireServer())
        store = Path(keep).resolve() if keep else folder / "demo.db"
        settings = folder / "newswire.toml"
        settings.write_text(_settings(server, store), "utf-8")

        def say(text: str) -> None:
            out.print(f"\n── {text}\n", style="bold")
            sys.stdout.flush()

        say(f"newswire alerts add strikes {ALERT!r} --to atom:")
        asked = {"id": "strikes", "query": ALERT, "channels": ["atom:"]}
        codes = [add_command(str(settings), asked, every="", cron="")]
        feeds = server.feeds()
        say(f"{len(feeds)} outlets on loopback; first run")
        codes.append(run_command(str(settings), poll_all=True, as_json=False, beam_options=()))
        say("later that day: a correction, a withdrawal, two new stories; second run")
        server.turn(2)
        codes.append(run_command(str(settings), poll_all=True, as_json=False, beam_options=()))
        say(f"newswire search {QUERY!r} --topic civilian-casualties --limit 4")
        codes.append(
            search_command(
                str(settings), QUERY, topics=["civilian-casualties"], sources=[], languages=[], since="", until="",
                order="newest", limit=4, as_json=False,
            )
        )  # fmt: skip
        corrected = next(
            server.base_url(outlet) + story.path
            for outlet, _ in feeds
            for story in outlet.stories
            if story.slug == "idlib-camp-shelling-correction"
        )
        say(f"newswire trace {corrected}")
        codes.append(trace_command(str(settings), corrected, as_json=False))
        say("newswire alerts show strikes")
        codes.append(show_command(str(settings), "strikes", as_json=False))
        say("newswire rejected list")
        codes.append(rejected_list_command(str(settings), stage="", error="", limit=20, as_json=False))
        if keep:
            here = store == Path(Settings().store.path).resolve()
            how = "where you are" if here else f"with path = '{store}' under [store] in newswire.toml"
            out.print(f"\nthe archive is kept in {store}; `newswire search` finds it {how}")
    return EXIT_FAILED if any(codes) else EXIT_OK


def _settings(server: WireServer, store: Path) -> str:
    feeds = [
        {"id": outlet.id, "url": url, "name": outlet.name, "language": outlet.language}
        for outlet, url in server.feeds()
    ]
    return tomli_w.dumps(
        {
            "store": {"path": str(store)},
            "alerts": {"atom_folder": str(store.with_name("alerts"))},
            "fetch": {"timeout_s": TIMEOUT_S, "allow_private_hosts": True},
            "feeds": feeds,
        }
    )
