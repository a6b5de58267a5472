"""What the desk says in front of a headline and in notes of its own."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.agencies import split_credit
from transforms.records import Status
from transforms.text import one_line
from transforms.wire import Headline, Notes, read_headline, read_notes
from transforms.wire import split_credit as from_here

TEN = datetime(2025, 12, 18, 10, 0, tzinfo=UTC)
TITLE = "Fourteen killed in Idlib"
PIECES = [
    "CORRECTED", "-", "UPDATE 1", ": ", "(", ")", "Kill", "EMBARGO", " until ", "10:00 GMT", "/", "Slug: ", "A-B/C",
    "\n", "Editor's note: ", "This story has been corrected", "[", "]", "BC-ML--Syria", ", 1st Ld", "Corrects",
    "Sperrfrist: ", "18.12.2025",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)
HOSTILE = [
    "(", "[", "A. ", "1 ", "/", " ", "A", "CORRECTED-", "UPDATE 1-", "\n", "—", "(Corrects ", "Editor's note: ",
    "This ", "EMBARGO ", "BC-", "A-", "A-A/", "(a\n", "Slug: ", "10:00 ", ":",
]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "status"),
    [
        pytest.param("Fourteen killed in Idlib", "usable", id="ordinary"),
        pytest.param("", "usable", id="no title"),
        pytest.param("CORRECTED: Fourteen killed", "corrected", id="corrected"),
        pytest.param("Corrected - Fourteen killed", "corrected", id="corrected with a dash"),
        pytest.param("CORRECTED-UPDATE 1-Fourteen killed", "corrected", id="agency chain"),
        pytest.param("CORRECTED (OFFICIAL)-Fourteen killed", "corrected", id="agency bracket"),
        pytest.param("(Correction) Fourteen killed", "corrected", id="in brackets"),
        pytest.param("REFILE-Fourteen killed", "corrected", id="refile"),
        pytest.param("WITHDRAWN: School strike", "withdrawn", id="withdrawn"),
        pytest.param("[Withdrawn] School strike", "withdrawn", id="withdrawn in brackets"),
        pytest.param("Withdrawal – School strike", "withdrawn", id="withdrawal with a long dash"),
        pytest.param("RETRACTED: School strike", "withdrawn", id="retracted"),
        pytest.param("Retraction: School strike", "withdrawn", id="retraction"),
        pytest.param("KILL: School strike", "withdrawn", id="kill notice"),
        pytest.param("=(KILL)= School strike", "withdrawn", id="kill notice in brackets"),
        pytest.param("KILL-School strike", "withdrawn", id="kill notice of an agency"),
        pytest.param("Killed: School strike", "withdrawn", id="killed"),
        pytest.param("UPDATE 1-KILL-School strike", "withdrawn", id="the weightiest of two"),
        pytest.param("EMBARGOED: CORRECTED: School", "embargoed", id="embargoed and corrected"),
        pytest.param("School strike (WITHDRAWN)", "withdrawn", id="withdrawn at the end"),
        pytest.param("Killed in Idlib: nineteen civilians", "usable", id="killed as a verb"),
        pytest.param("Kill-switch for phones", "usable", id="kill as part of a word"),
        pytest.param("Killing continues", "usable", id="killing"),
        pytest.param("Withdrawal of troops from Idlib begins", "usable", id="withdrawal of troops"),
        pytest.param("WITHDRAWAL OF TROOPS BEGINS", "usable", id="withdrawal in a flash"),
        pytest.param("Withdrawn troops return home", "usable", id="withdrawn troops"),
        pytest.param("Retraction of claws", "usable", id="retraction of something"),
        pytest.param("Corrections officer held", "usable", id="corrections officer"),
        pytest.param("Correction in oil prices looms", "usable", id="a market's correction"),
        pytest.param("Ministry: report withdrawn", "usable", id="not at the start"),
        pytest.param("Candidates: Ann Lee (withdrawn)", "usable", id="a candidate"),
        pytest.param("Update: Killed: the names", "usable", id="prose behind a marker"),
    ],
)
def test_status(title: str, status: Status) -> None:
    assert read_headline(title).status == status


@pytest.mark.parametrize(
    ("before", "after", "note", "status"),
    [
        ("UPDATE 1-", "", "UPDATE 1", "usable"),
        ("UPDATE 3 - ", "", "UPDATE 3", "usable"),
        ("UPDATE: ", "", "UPDATE", "usable"),
        ("Update: ", "", "Update", "usable"),
        ("RPT-UPDATE 2-", "", "RPT; UPDATE 2", "usable"),
        ("WRAPUP 3-", "", "WRAPUP 3", "usable"),
        ("CORRECTED-", "", "CORRECTED", "corrected"),
        ("CORRECTED-UPDATE 2-", "", "CORRECTED; UPDATE 2", "corrected"),
        ("CORRECTED (OFFICIAL)-", "", "CORRECTED (OFFICIAL)", "corrected"),
        ("CORRECTION: ", "", "CORRECTION", "corrected"),
        ("*** CORRECTION *** ", "", "CORRECTION", "corrected"),
        ("(Corrected) ", "", "Corrected", "corrected"),
        ("(Corrected: adds name) ", "", "Corrected: adds name", "corrected"),
        ("(Adds quote) ", "", "Adds quote", "usable"),
        ("REFILE-UPDATE 1-", "", "REFILE; UPDATE 1", "corrected"),
        ("KILL - ", "", "KILL", "withdrawn"),
        ("WITHDRAWN -- ", "", "WITHDRAWN", "withdrawn"),
        ("MANDATORY KILL: ", "", "MANDATORY KILL", "withdrawn"),
        ("2nd LEAD: ", "", "2nd LEAD", "usable"),
        ("(2nd Lead) ", "", "2nd Lead", "usable"),
        ("(LEAD) ", "", "LEAD", "usable"),
        ("Korrektur: ", "", "Korrektur", "corrected"),
        ("KORREKTUR/", "", "KORREKTUR", "corrected"),
        ("+++ KORREKTUR +++ ", "", "KORREKTUR", "corrected"),
        ("ROUNDUP 2: ", "", "ROUNDUP 2", "usable"),
        ("RECTIFICATIF - ", "", "RECTIFICATIF", "corrected"),
        ("CORRIGÉ: ", "", "CORRIGÉ", "corrected"),
        ("CORRECCIÓN: ", "", "CORRECCIÓN", "corrected"),
        ("(Corrige) ", "", "Corrige", "corrected"),
        ("(Amplía) ", "", "Amplía", "usable"),
        ("AMPLIACIÓN.- ", "", "AMPLIACIÓN", "usable"),
        ("CORREÇÃO: ", "", "CORREÇÃO", "corrected"),
        ("RETTIFICA: ", "", "RETTIFICA", "corrected"),
        ("ИСПРАВЛЕНО: ", "", "ИСПРАВЛЕНО", "corrected"),
        ("تصحيح: ", "", "تصحيح", "corrected"),
        ("更正：", "", "更正", "corrected"),
        ("EMBARGO: ", "", "EMBARGO", "embargoed"),
        ("EMBARGOED - ", "", "EMBARGOED", "embargoed"),
        ("Sperrfrist: 18.12. 10:00 - ", "", "Sperrfrist: 18.12. 10:00", "embargoed"),
        ("", " (corrected)", "corrected", "corrected"),
        ("", " (Corrects spelling)", "Corrects spelling", "corrected"),
        ("", " [UPDATED]", "UPDATED", "usable"),
        ("", " -UPDATE", "UPDATE", "usable"),
        ("", " - UPDATE 2", "UPDATE 2", "usable"),
        ("CORRECTED-", " - UPDATE", "CORRECTED; UPDATE", "corrected"),
    ],
)
def test_markers_come_off_a_headline(before: str, after: str, note: str, status: Status) -> None:
    assert read_headline(f"{before}{TITLE}{after}") == Headline(title=TITLE, status=status, edition_note=note)


@pytest.mark.parametrize(
    "title",
    [
        "",
        TITLE,
        "URGENT: Fourteen killed",
        "BREAKING: Fourteen killed",
        "FLASH - Fourteen killed",
        "ANALYSIS-What next",
        "Lead: toxic metal found",
        "Lead-free petrol",
        "LEAD POISONING: what to know",
        "Roundup: Bayer wins",
        "Update 2026: was sich ändert",
        "Updates to the law",
        "UPDATE ON SYRIA",
        "Embargo: was nun?",
        "Embargo on Russian oil begins",
        "EMBARGO ON RUSSIA: what now",
        "EMBARGO: 10 countries sign",
        '"Corrected" - a memoir',
        "Corrige Lee: a portrait",
        "Corrigé : bac de philosophie",
        "(Neu-)Wahlen in Berlin",
        "What is new (changes and fixes)",
        "The wrap: week in review",
        "HIV/AIDS",
        "AC/DC",
        "EU--China relations sour",
        "(Reuters) - Fourteen killed",
        "Fourteen - KILLED",
        "-5 degrees in Moscow",
    ],
)
def test_a_headline_without_markers_stays(title: str) -> None:
    assert read_headline(title) == Headline(title=title)


@pytest.mark.parametrize("title", ["WITHDRAWN", "CORRECTED-", "UPDATE 1", "(Corrected)", "EMBARGO", "(Adds quote)"])
def test_a_headline_is_never_empty(title: str) -> None:
    found = read_headline(title)
    assert found.title == title
    assert found.edition_note == title.strip("()-")


def test_a_minus_is_no_dash() -> None:
    assert read_headline("CORRECTED: -5 degrees in Moscow").title == "-5 degrees in Moscow"


@pytest.mark.parametrize(
    ("line", "slug", "note"),
    [
        ("SYRIA-CRISIS/RUSSIA (UPDATE 2)", "SYRIA-CRISIS/RUSSIA", "UPDATE 2"),
        ("SYRIA-CRISIS/RUSSIA", "SYRIA-CRISIS/RUSSIA", ""),
        ("SYRIA-CRISIS/", "SYRIA-CRISIS/", ""),
        ("BC-ML--Syria, 3rd Ld-Writethru", "BC-ML--Syria", "3rd Ld-Writethru"),
        ("AP-US--Trump-Syria", "AP-US--Trump-Syria", ""),
        ("Slug: SYRIA-CRISIS/RUSSIA", "SYRIA-CRISIS/RUSSIA", ""),
        ("SLUG: Syria talks (1st lead)", "Syria talks", "1st lead"),
        ("Slugline: SYRIA", "SYRIA", ""),
        ("HIV/AIDS", "", ""),
        ("MOSCOW/BEIRUT", "", ""),
        ("AP/AFP", "", ""),
        ("24/7", "", ""),
        ("Slugs: a plague", "", ""),
        ("SYRIA-CRISIS", "", ""),
        ("EU--China relations", "", ""),
        ("A story about SYRIA-CRISIS/RUSSIA", "", ""),
    ],
)
def test_slugs(line: str, slug: str, note: str) -> None:
    assert read_notes(f"{line}\nThe story.") == Notes(slug=slug, edition_note=note)
    if not line.lower().startswith("slug"):
        assert read_headline(line).slug == slug


def test_a_reuters_slug_stands_on_the_first_line() -> None:
    assert read_notes("The story.\nSYRIA-CRISIS/RUSSIA") == Notes()
    assert read_notes("The story.\nSlug: SYRIA-CRISIS/RUSSIA").slug == "SYRIA-CRISIS/RUSSIA"


@pytest.mark.parametrize(
    ("line", "note", "status"),
    [
        ("(Corrects name of the town in paragraph 3)", "", "corrected"),
        ("(Corrects name of the town (Idlib) in paragraph 3)", "", "corrected"),
        ("(Refiles to fix dateline)", "", "corrected"),
        ("(Adds quote, background)", "", "usable"),
        ("(Updates with death toll)", "", "usable"),
        ("(Amplía con declaraciones)", "", "usable"),
        ("(Corrige el titular)", "", "corrected"),
        ("(This Dec. 18 story has been corrected to change ten to nine)", "", "corrected"),
        ("(This story has been refiled to fix a typo)", "", "corrected"),
        ("This story has been corrected to show ten.", "", "corrected"),
        ("This article was amended on 18 December 2025 to fix a name.", "", "corrected"),
        ("The headline of this story has been corrected.", "", "corrected"),
        ("This story has been updated with more.", "", "usable"),
        ("This story has been withdrawn.", "", "withdrawn"),
        ("Editor's note: Names were changed.", "Names were changed.", "usable"),
        ("EDITOR’S NOTE: Names were changed.", "Names were changed.", "usable"),
        ("*Editors' note: This story has been corrected.*", "This story has been corrected.", "corrected"),
        ("(EDS: ADDS quote)", "ADDS quote", "usable"),
        ("Anm. d. Red.: In einer früheren Version stand zehn.", "In einer früheren Version stand zehn.", "corrected"),
        ("Note de la rédaction : les noms", "les noms", "usable"),
        ("NDLR : les noms", "les noms", "usable"),
        ("От редакции: имена изменены", "имена изменены", "usable"),
        ("Correction: an earlier version of this article said ten.", "", "corrected"),
        ("Correction, Dec. 18, 2025: The town is Idlib.", "", "corrected"),
        ("Clarification: The story said ten.", "", "usable"),
        ("Korrektur: Es waren zehn.", "", "corrected"),
        ("An earlier version of this story misspelt a name.", "", "corrected"),
        ("Une version antérieure de cet article disait dix.", "", "corrected"),
        ("STORY WITHDRAWN", "", "withdrawn"),
        ("MANDATORY KILL", "", "withdrawn"),
        ("Mandatory kill", "", "withdrawn"),
        ("MANDATORY KILL of the story on Syria", "", "withdrawn"),
        ("EDITORS: please kill the story on Syria", "please kill the story on Syria", "withdrawn"),
        ("ATTENTION EDITORS - this story has been withdrawn.", "this story has been withdrawn.", "withdrawn"),
        ("EMBARGOED FOR RELEASE UNTIL FURTHER NOTICE", "", "embargoed"),
        ("Embargoed until Dec. 18, 2025, 10:00", "", "embargoed"),
    ],
)
@pytest.mark.parametrize("where", ["{}\nThe story.\nIts end.", "The story.\nIts end.\n{}", "The\n" * 3000 + "\n{}\n\n"])
def test_notes(line: str, note: str, status: Status, where: str) -> None:
    expected = note or line.strip("()")
    assert read_notes(where.format(line)) == Notes(edition_note=expected, status=status)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "The story.",
        "--",
        "()",
        "The story was corrected by history.",
        "This report was withdrawn by the ministry on Monday.",
        "This article was withdrawn by the court.",
        "This reporter was updated.",
        "The embargo until 2027 was agreed.",
        "Embargoed oil flows.",
        "Editors were arrested: three in all.",
        "(Reuters) - something",
        "(He corrects nothing)",
        "Corrections officers: a new life",
        "Correction officers in Idlib said",
        "Story withdrawn from the museum is back",
        "Mandatory killing of poultry",
        "Update: five dead",
        "A version of this article appears in print",
        "Adds to the list",
        "(Changes at the top) are coming",
        "He said: please kill the story.",
        "Please do not disregard the story.",
        "One.\n" * 4 + "(Adds quote)\n" + "One.\n" * 4,
        "x" * 10_000 + "(Adds quote)",
    ],
)
def test_what_is_no_note(body: str) -> None:
    assert read_notes(body) == Notes()


def test_notes_are_joined_and_the_weightiest_status_counts() -> None:
    body = (
        "SYRIA-CRISIS/RUSSIA (UPDATE 2)\n(Adds quote)\nThe story.\nEDITORS: please kill the story slugged SYRIA-CRISIS…"
    )
    assert read_notes(body) == Notes(
        status="withdrawn",
        edition_note="UPDATE 2; Adds quote; please kill the story slugged SYRIA-CRISIS…",
        slug="SYRIA-CRISIS/RUSSIA",
    )
    assert read_notes(body.partition("\n")[2]).slug == "SYRIA-CRISIS"


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("10:00 GMT, DEC 18, 2025", TEN),
        ("1000 GMT Thursday Dec. 18 2025", TEN),
        ("2025-12-18T10:00Z", TEN),
        ("2025-12-18T12:00+02:00", TEN),
        ("2025-12-18 10:00 UTC", TEN),
        ("18 Dec 2025 12:00 GMT+2", TEN),
        ("18 December 2025, 10am GMT", TEN),
        ("5 a.m. EST, December 18, 2025", TEN),
        ("18.12.2025, 11.00 Uhr MEZ", TEN),
        ("18.12.2025 13:00 MSK", TEN),
        ("10:00 (GMT), 18 December 2025", TEN),
        ("12 p.m. GMT on 18 December 2025", TEN.replace(hour=12)),
        ("12:01 a.m. GMT on 18 December 2025", TEN.replace(hour=0, minute=1)),
        ("10:00, December 18, 2025", None),
        ("10:00 GMT, December 18", None),
        ("December 18, 2025", None),
        ("25:00 GMT, December 18, 2025", None),
        ("10:00 GMT, February 31, 2025", None),
        ("10:00 GMT+99, December 18, 2025", None),
        ("10:00 XYZ, December 18, 2025", None),
        ("further notice", None),
    ],
)
@pytest.mark.parametrize(
    "form", ["EMBARGOED FOR RELEASE UNTIL {}", "Embargoed until {}", "Not for publication before {}"]
)
def test_the_end_of_an_embargo(form: str, said: str, at: datetime | None) -> None:
    line = form.format(said)
    assert read_notes(f"{line}\nThe story.") == Notes(status="embargoed", edition_note=line, embargoed_until=at)


@pytest.mark.parametrize(
    ("marker", "at"),
    [
        ("EMBARGOED UNTIL 10:00 GMT, DEC 18, 2025: ", TEN),
        ("/// EMBARGO 18 Dec 2025 10:00 GMT /// ", TEN),
        ("Achtung Sperrfrist 18.12.2025 11:00 Uhr MEZ - ", TEN),
        ("Embargoed until Thursday 18 December 2025 10:00 GMT | ", TEN),
        ("Sperrfrist: 18.12. 10:00 - ", None),
    ],
)
def test_the_end_of_an_embargo_in_a_headline(marker: str, at: datetime | None) -> None:
    found = read_headline(marker + TITLE)
    assert (found.title, found.status, found.embargoed_until) == (TITLE, "embargoed", at)


def test_credits_are_read_in_agencies() -> None:
    assert from_here is split_credit


@given(TEXTS)
def test_a_headline_is_part_of_its_title(title: str) -> None:
    found = read_headline(title)
    whole = one_line(title)
    assert found.title in whole
    assert bool(found.title) == bool(whole)
    assert found.slug in whole
    assert found.edition_note or found.status == "usable"


@given(TEXTS)
def test_notes_are_part_of_the_text(body: str) -> None:
    found = read_notes(body)
    assert found.slug in one_line(body)
    assert all(word in one_line(body) for word in found.edition_note.replace(";", " ").split())
    assert found.edition_note or found.status == "usable"


@settings(deadline=None)
@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_hostile_text_costs_no_more(piece: str, end: str) -> None:
    text = piece * 50_000 + end
    began = time.process_time()
    read_headline(text)
    read_notes(text)
    assert time.process_time() - began < 1
