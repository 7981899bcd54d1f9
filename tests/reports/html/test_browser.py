"""The page in a real browser: Debian's Chromium, without a window.

Where there is none these tests are skipped with the remedy; with SSLSPEC_BROWSER=required they fail instead.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from sslspec.clauses import Kind
from sslspec.evidence import UNFINISHED, Event
from sslspec.record import EditionOfPage, Identity, Linking, Proof
from sslspec.reports.html import render
from sslspec.reports.reproducer import program
from sslspec.reports.reproducer.case import all_cases
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.xdist_group("browser")  # one browser, however many processes

VIEWS = ("findings", "matrix", "questions", "implementations", "clauses", "editions", "help")
ONE = ("differences/o1/l1", "cell/SSL_set_session.3/a-rule/o1", "clause/SSL_set_session.3/a-rule", "implementation/o1")
#: In seconds; nothing takes as long. What the page does after a click it does when the browser comes to it.
PATIENCE = 120
TLS12, TLS13 = (("protocol", "TLS 1.2"),), (("protocol", "TLS 1.3"),)


def missing(reason: str) -> None:
    if os.environ.get("SSLSPEC_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def driver():
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        missing("no browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # /dev/shm is small in a container, and a page that finds it full crashes.
    arguments = ["--headless=new", "--window-size=1600,1000", "--disable-dev-shm-usage"]
    for argument in (*arguments, *(["--no-sandbox"] if os.geteuid() == 0 else [])):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = started(options, chromedriver)
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


def started(options, chromedriver):
    """Return the browser; another attempt is made where the free port that was found is somebody else's by then, or it comes too late."""
    for _ in range(2):
        with suppress(WebDriverException):
            return webdriver.Chrome(options, Service(chromedriver))
    return webdriver.Chrome(options, Service(chromedriver))


#: Has the page note the address that it has come to show, after it was told of it, or has set it itself.
NOTE = """
const note = () => { window.shown = location.hash.slice(1) };
const replace = history.replaceState.bind(history);
history.replaceState = (...given) => { replace(...given); note() };
addEventListener("hashchange", note);
note();
"""


class Browser:
    """A page that is open, and what a reader does with it."""

    def __init__(self, driver, path: Path) -> None:
        self.driver, self.path = driver, path

    def open(self, address: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(f"{self.path.as_uri()}{address}")
        self.run(NOTE)

    def look(self, width: int = 1400, scheme: str = "light") -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        )
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def becomes(self, what: Callable[[], object], wanted: object) -> None:
        """Wait until `what` says what is wanted, as it does when the browser has come to it."""

        def is_so(_) -> bool:
            try:
                return what() == wanted
            except StaleElementReferenceException:  # the page is putting another one in its place
                return False

        with suppress(TimeoutException):
            WebDriverWait(self.driver, PATIENCE, 0.05).until(is_so)
        assert what() == wanted

    def arrives(self, address: str) -> None:
        """Wait until the page shows what the address says."""
        self.becomes(lambda: self.run("return window.shown"), address)

    def all(self, selector: str):
        return [each for each in self.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]

    def one(self, selector: str):
        self.becomes(lambda: len(self.all(selector)), 1)
        (found,) = self.all(selector)
        return found

    def texts(self, selector: str) -> list[str]:
        return [each.text for each in self.all(selector)]

    def choose(self, name: str, value: str) -> None:
        Select(self.one(f"select[name={name}]")).select_by_visible_text(value)

    def run(self, script: str, *arguments: object) -> object:
        return self.driver.execute_script(script, *arguments)

    @property
    def address(self) -> str:
        return self.driver.current_url.partition("#")[2]


@pytest.fixture
def browser(driver, tmp_path):
    """Return a function that writes a record's page and opens it; in the end nothing may have been said on the console."""
    opened = []

    def show(record, address: str = "") -> Browser:
        path = tmp_path / "report.html"
        path.write_text(render(record), encoding="utf-8")
        page = Browser(driver, path)
        page.look()
        page.open(address)
        opened.append(page)
        return page

    driver.get_log("browser")
    yield show
    assert opened
    assert driver.get_log("browser") == []


@pytest.fixture
def record(make):
    evidence = (
        Event("step", "Given a session"),
        Event("observation", "references", ("session1",), 1),
        Event("call", "SSL_set_session", ("client1", "session1"), 1),
        Event("callback", "new_session", ("client1",)),
        Event("observation", "references", ("session1",), 2),
    )
    did = {"expected": "1 more", "observed": "2 more", "reason": "expected: 1 more; observed: 2 more", "evidence": evidence}
    rows = [
        make.row(implementation="o1", example=TLS12, evidence=evidence),
        make.row(Verdict.DEVIATES, implementation="o1", example=TLS13, **did),
        make.row(implementation="l1", example=TLS12),
        make.row(implementation="l1", example=TLS13),
        make.row(clause="a-reading", implementation="o1"),
        make.row(Verdict.NOT_OBSERVABLE, "a-reading", "l1", reason="entries: no way"),
        make.row(Verdict.ANSWERED, "a-question", "o1", answer="yes"),
        make.row(Verdict.ANSWERED, "a-question", "l1", answer="no"),
    ]
    clauses = [
        make.clause(),
        make.clause("a-reading", Kind.READING, takes="So.", others=("Or so.",)),
        make.clause("a-question", Kind.QUESTION),
    ]
    proofs = (Proof("entries", proven=True, reason="seen"),)
    identities = (Identity("o1", "openssl", "OpenSSL 1.1.1k", proofs=proofs), Identity("l1", "libressl", "LibreSSL 3.1.0"))
    came_from = EditionOfPage(make.page, "openssl-1.1.0", "Markdown", 9, 3, other={"heading": 4, "prototype": 2}, holes=1)
    edition = replace(came_from, edition=make.edition, format="POD", since=came_from.edition, differs={"gained": (clauses[0].id,)})
    return make.record(rows, clauses, implementations=identities, editions=(came_from, edition))


@pytest.fixture
def crashed(record):
    made = Event("call", "SSL_CTX_new", ("TLS_client_method()",), "ctx1")
    evidence = (made, Event("call", "SSL_CTX_free", ("ctx1",), UNFINISHED))
    crash = {"verdict": Verdict.CRASHES, "reason": "it crashed", "expected": "", "observed": "", "evidence": evidence}
    first, deviating, *others = record.rows
    one, other = record.implementations
    linked = replace(one, linking=Linking(("ssl", "crypto")))
    return replace(record, rows=(first, replace(deviating, **crash), *others), implementations=(linked, other))


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_shown_alone(browser, record, view):
    page = browser(record)
    page.one(f"nav a[href='#{view}']").click()
    page.arrives(view)
    assert page.one("nav a[aria-current=page]").get_attribute("href").endswith(f"#{view}")
    assert [each.get_attribute("id") for each in page.all("main > section")] == [view]
    assert page.run("return document.activeElement.tagName") == "H2"


@pytest.mark.parametrize(("address", "heading"), [("clause/SSL_set_session.3/a-rule", "a-rule"), ("implementation/l1", "l1")])
def test_one_clause_or_implementation_is_shown_alone(browser, record, address, heading):
    page = browser(record, f"#{address}")
    assert heading in page.one("article > h3").text


def test_an_address_that_leads_nowhere_shows_the_findings(browser, record):
    assert browser(record, "#%E0%A4%A/nonsense?family=none&x=%").one("main > section > h2").text == "Findings"
    assert browser(record, "#cell/SSL_set_session.3/nonsense/o1").one("h2").text == "Nothing here"
    assert browser(record, "#cell/SSL_set_session.3/a-rule/__proto__").one("h2").text == "Nothing here"
    assert len(browser(record, "#matrix?protocol=__proto__").all("#cells tr[data-clause]")) == 3


def test_filters_are_in_the_address_and_come_back_from_it(browser, record):
    page = browser(record, "#matrix")
    page.choose("family", "openssl")
    page.choose("kind", "rule")
    page.one("input[name=text]").send_keys("A-RULE")
    page.arrives("matrix?family=openssl&kind=rule&text=A-RULE")
    shown = page.texts("#cells tbody:not(.totals) td, #cells .names th, #filters output")
    page.open(f"#{page.address}")
    assert page.texts("#cells tbody:not(.totals) td, #cells .names th, #filters output") == shown
    assert shown == ["1 of 3 clauses", "clause", "o1", "DEVIATES"]
    assert page.one("nav a[href^='#findings']").get_attribute("href").endswith("#findings?family=openssl&kind=rule&text=A-RULE")
    page.one("button[type=reset]").click()
    page.arrives("matrix")
    assert len(page.all("#cells tr[data-clause]")) == 3


def test_with_a_protocol_the_cells_say_what_is_true_of_it(browser, record):
    page = browser(record, "#matrix")
    cell = "tr[data-clause$=a-rule] td"
    assert page.texts(cell) == ["DEVIATES", "ok"]
    page.choose("protocol", "TLS 1.2")
    page.becomes(lambda: page.texts(cell), ["ok", "ok"])
    assert len(page.all("#cells tr[data-clause]")) == 1
    page.choose("protocol", "TLS 1.3")
    page.becomes(lambda: page.texts(cell), ["DEVIATES", "ok"])


def test_a_verdict_leaves_the_clauses_that_have_it(browser, record):
    page = browser(record, "#matrix?verdict=not-observable")
    assert [each.get_attribute("data-clause") for each in page.all("#cells tr[data-clause]")] == ["SSL_set_session.3/a-reading"]
    assert len(page.all("#cells td.away")) == 1


def test_filters_leave_out_findings_and_questions_too(browser, record):
    assert browser(record, "#findings?family=libressl").all(".finding") == []
    assert len(browser(record, "#findings?family=openssl&verdict=deviates&protocol=TLS+1.3").all(".finding")) == 1
    assert browser(record, "#questions?kind=rule").all(".question") == []
    page = browser(record, "#questions?family=libressl")
    assert page.texts("#questions tbody td") == ["no", "l1"]
    assert not page.all("#filters output")  # which counts the matrix's clauses
    page.open("#matrix?family=libressl")
    assert page.texts("tr[data-clause$=a-question] .kind") == ["question"]


def test_a_cell_leads_to_its_evidence_call_by_call(browser, record):
    page = browser(record, "#matrix")
    page.one("tr[data-clause$=a-rule] td:nth-child(2) a").click()
    page.arrives("cell/SSL_set_session.3/a-rule/o1")
    assert page.one("h2").text == "SSL_set_session.3/a-rule on o1"
    row = page.one("details.row[open]")
    assert "DEVIATES" in row.text.upper()
    assert "SSL_set_session(client1, session1) = 1" in row.text
    assert "1 → 2" in row.text
    assert "sslspec explain SSL_set_session.3/a-rule -i o1" in page.one("#cell").text
    page.driver.back()
    page.arrives("matrix")
    assert page.all("#cells")


def test_a_finding_and_a_cell_have_a_program_that_can_be_copied_and_saved(browser, crashed):
    page = browser(crashed)
    assert "int main" not in page.one("#findings").get_attribute("textContent")
    page.one("details.program > summary").click()
    text = program(all_cases(crashed)["o1", "SSL_set_session.3/a-rule"][0]).text
    assert page.one("details.program pre").get_attribute("textContent") == text
    page.one("details.program button").click()
    done = ("Copied.", "Selected: copy it with the keyboard.")
    page.becomes(lambda: page.one("details.program output").text in done, wanted=True)
    assert page.one("details.program a[download='repro.c']").get_attribute("href").startswith("blob:")
    page.one("details.program > summary").click()
    page.becomes(lambda: "int main" in page.one("#findings").get_attribute("textContent"), wanted=False)
    page.open("#cell/SSL_set_session.3/a-rule/o1")
    page.one("details.program > summary").click()
    assert page.one("details.program pre").get_attribute("textContent") == text
    page.open("#cell/SSL_set_session.3/a-rule/l1")
    assert not page.all("details.program")


def test_two_implementations_stand_side_by_side_in_what_differs(browser, record):
    page = browser(record, "#differences/l1/o1")
    assert page.texts("#differences thead th") == ["clause", "row", "l1", "o1"]
    assert page.texts("#differences tbody td:nth-child(2)") == ["It is so [TLS 1.3]", "It is so", "It is so"]
    assert page.texts("#differences tbody tr:last-child td")[1:3] == ["answered no", "answered yes"]
    assert page.texts("#differences tbody th[scope=rowgroup]") == [
        "Both were seen to do something: 2",
        "One of them could not be seen, or need not: 1",
    ]
    Select(page.one("#other")).select_by_visible_text("l1")
    page.arrives("differences/l1/l1")
    assert page.texts("#differences caption") == ["0 of 4 rows"]
    assert browser(record, "#differences/nobody").texts("#differences thead th")[2:] == ["o1", "l1"]


def test_editions_lead_to_clauses_and_to_who_keeps_them(browser, record):
    page = browser(record, "#editions")
    assert page.texts("#editions table:first-of-type tbody th")[:2] == ["openssl-1.1.0 Markdown", "openssl-1.1.1 POD"]
    assert not page.all("#filters")
    page.one("#editions summary").click()
    page.becomes(lambda: page.texts("#editions details tbody tr")[:1], ["a-rule . 1"])
    page.one("#editions dd a").click()
    page.arrives("clause/SSL_set_session.3/a-rule")


def test_names_with_slashes_stand_side_by_side_too(browser, make):
    names = ("a", "a/b", "b/c")
    page = browser(make.record([make.row(implementation=name) for name in names]), "#differences/a/b%2Fc")
    assert page.texts("#differences thead th")[2:] == ["a", "b/c"]
    Select(page.one("#one")).select_by_visible_text("a/b")
    page.arrives("differences/a%2Fb/b%2Fc")
    page.open(f"#{page.address}")
    assert page.texts("#differences thead th")[2:] == ["a/b", "b/c"]


def test_what_is_only_run_when_asked_for_is_run_again_so(browser, make):
    rows = [make.row(), make.row(Verdict.ANSWERED, "asked", answer="so", undefined=True)]
    page = browser(make.record(rows, [make.clause(), make.clause("asked", Kind.QUESTION)]), "#cell/SSL_set_session.3/asked/one")
    assert "sslspec explain SSL_set_session.3/asked -i one --undefined" in page.one("#cell").text
    page.open("#cell/SSL_set_session.3/a-rule/one")
    assert "--undefined" not in page.one("#cell").text


def test_filters_are_shown_where_they_filter(browser, record):
    page = browser(record, "#matrix")
    assert page.all("#filters")
    page.open("#help")
    assert not page.all("#filters")


def test_the_arrows_move_in_the_matrix_and_the_tab_key_leaves_it(browser, record):
    page = browser(record, "#matrix")
    assert len(page.all("#cells td > a[tabindex='0']")) == 1
    page.one("#cells td > a[tabindex='0']").send_keys(Keys.ARROW_RIGHT)
    page.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.arrives("cell/SSL_set_session.3/a-reading/l1")


def test_the_first_link_skips_to_what_is_shown(browser, record):
    page = browser(record, "#matrix")
    page.run("document.querySelector('.skip').focus()")
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.becomes(lambda: page.run("return document.activeElement.id"), "matrix-title")
    page.arrives("matrix")


def test_nothing_from_a_record_is_run(browser, hostile):
    page = browser(hostile)
    for address in (*VIEWS, page.one("main").find_element(By.XPATH, "//td/a").get_attribute("href").partition("#")[2]):
        page.open(f"#{address}")
        for details in page.driver.find_elements(By.TAG_NAME, "details"):
            page.run("arguments[0].open = true", details)
        assert page.driver.title != "evil"
        assert page.run("return document.querySelectorAll('img, .evil').length") == 0
        assert "{{ 6 * 7 }}" in page.one("body").text
    assert page.all("#cell .row")


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("view", [*VIEWS, *ONE])
def test_a_phone_never_scrolls_the_page_sideways(browser, record, view, width):
    page = browser(record)
    page.look(width)
    page.open(f"#{view}")
    assert page.run("return document.documentElement.scrollWidth") <= width


def test_without_javascript_all_but_evidence_is_there(browser, record):
    page = browser(record)
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open()
        shown = [each.get_attribute("id") for each in page.all("main > section")]
        assert (shown, page.all("#filters")) == (list(VIEWS), [])
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.fixture(scope="session")
def axe() -> str:
    path = Path(__file__).parents[3] / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        missing("no axe-core: make axe")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("look", [(1400, "light"), (390, "dark")])
@pytest.mark.parametrize("address", [*VIEWS, *ONE])
def test_axe_finds_nothing(browser, crashed, axe, address, look):
    page = browser(crashed)
    page.look(*look)
    page.open(f"#{address}")
    page.run("for (const each of document.querySelectorAll('details')) each.open = true")
    page.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})  # not as a script of the page, which its policy would refuse
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    script = "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then((found) => done(found.violations))"
    violations = page.driver.execute_async_script(script, tags)
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in violations] == []
