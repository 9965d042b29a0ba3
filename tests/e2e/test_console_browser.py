"""Every page in real Chromium: no error, nothing blocked, names stay text, two widths, two themes, keyboard alone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, sync_playwright

from tests.helpers.seed import HOSTILE, NOW, Seed, seeded_store
from watchkeeper.alerts.table import State
from watchkeeper.api.context import Context
from watchkeeper.api.records import records
from watchkeeper.compare.comparison import compare
from watchkeeper.console.app import console_app
from watchkeeper.store.store import Store, open_store

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
NAMES = (
    HOSTILE,
    "<b>bold</b>",
    "__proto__",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    '" onmouseover="alert(1)',
    "\u202egnp.exe",
    "2020-01-01",
    "a" * 120,
    "&lt;i&gt;",
    "%{customdata}",
    "$x^2$",
)
DRAWN = "[...document.querySelectorAll('[data-figure]')].filter(f => f.checkVisibility()).every(f => f.dataset.drawn)"


@dataclass
class Served:
    """A console on a port of this machine."""

    url: str
    paths: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The standard model, and one whose features are named by an enemy."""
    store = seeded_store(
        tmp_path_factory.mktemp("browser"), Seed(), Seed(model="hostile", names=NAMES, days=14, seed=9)
    )
    with _serving(store) as url:
        yield Served(url, _paths(Context(store, now=lambda: NOW)))
    store.close()


@pytest.fixture(scope="module")
def nothing_yet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a console over a new data directory."""
    store = open_store(tmp_path_factory.mktemp("empty"))
    with _serving(store) as url:
        yield url
    store.close()


@contextmanager
def _serving(store: Store) -> Iterator[str]:
    app = console_app(store, now=lambda: NOW)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        _wait(url)
        yield url
        server.should_exit = True
        thread.join(10)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(url + "/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("The console did not start.")


def _paths(context: Context) -> dict[str, str]:
    paths = {"overview": "/", "alerts": "/alerts", "health": "/health"}
    for model in ("delays", "hostile"):
        record = records(context, model, failed=False, limit=1).records[0].prediction_id
        paths |= {
            f"{model} model": f"/models/{model}",
            f"{model} records": f"/models/{model}/records",
            f"{model} record": f"/models/{model}/records/{quote(record)}",
            f"{model} performance": f"/models/{model}/performance?search=yes",
            f"{model} versions": f"/models/{model}/versions",
            f"{model} labels": f"/models/{model}/labels",
        }
    for alert in context.store.alerts.find(states=[State.FIRING]):
        paths[f"{alert.model} alert"] = f"/alerts/{alert.id}"
    return paths


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass
class Watched:
    """A page, and everything that it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Load `url` and scroll through it until every figure is drawn."""
        self.page.goto(url, wait_until="load")
        height = self.page.evaluate("document.documentElement.scrollHeight")
        for top in range(0, height, 600):
            self.page.evaluate(f"window.scrollTo(0, {top})")
            self.page.wait_for_timeout(30)
        for _ in range(200):
            if self.page.evaluate(DRAWN):
                break
            self.page.wait_for_timeout(50)
        assert self.page.evaluate(DRAWN), "a figure was not drawn"


Opens = Callable[..., Watched]


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """Gives a new page, in a context of its own, at each call: `opens(width=…, scheme=…, scripts=…)`."""
    contexts: list[BrowserContext] = []

    def make(*, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Watched:
        dark = "dark" if scheme == "dark" else "light"
        view = {"width": width, "height": 900}
        context = browser.new_context(viewport=view, color_scheme=dark, java_script_enabled=scripts)  # type: ignore[arg-type]
        contexts.append(context)
        watched = Watched(context.new_page())
        _listen(watched)
        return watched

    yield make
    for context in contexts:
        context.close()


def _listen(watched: Watched) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watched.complaints.append(f"{message.type}: {message.text}")

    def opened(dialog: Dialog) -> None:
        watched.complaints.append("a dialog opened")
        dialog.dismiss()

    watched.page.on("console", said)
    watched.page.on("pageerror", lambda error: watched.complaints.append(f"error: {error}"))
    watched.page.on("dialog", opened)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_loads_without_a_complaint_and_fits_its_width(
    served: Served, opens: Opens, width: int, scheme: str
) -> None:
    watched = opens(width=width, scheme=scheme)
    for name, path in served.paths.items():
        watched.open(served.url + path)
        assert watched.complaints == [], name
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert watched.page.locator("h1").is_visible(), name


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_an_empty_console_fits_its_width_too(nothing_yet: str, opens: Opens, width: int, scheme: str) -> None:
    watched = opens(width=width, scheme=scheme)
    for path in ("/", "/alerts", "/health"):
        watched.open(nothing_yet + path)
        assert watched.complaints == [], path
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_time_line_scrolls_in_its_card_on_a_narrow_screen(served: Served, opens: Opens) -> None:
    watched = opens(width=390)
    watched.open(served.url + served.paths["delays model"])
    box = watched.page.locator(".scroll:has(> .plot.wide)")
    wide, seen = box.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide >= 600 > seen
    assert box.get_attribute("tabindex") == "0"


def test_hostile_names_are_text_everywhere(served: Served, opens: Opens) -> None:
    watched = opens()
    for name, path in served.paths.items():
        if not name.startswith("hostile"):
            continue
        watched.open(served.url + path)
        assert watched.page.locator("img").count() == 1, name  # the mark beside the name, no other
        assert watched.page.locator("main b:not(.meter b), main i:not(.meter i), svg a").count() == 0, name
        assert watched.complaints == [], name
    watched.open(served.url + served.paths["hostile model"])
    ticks = watched.page.locator(".plot text").all_text_contents()
    assert "<b>bold</b>" in ticks
    assert "__proto__" in ticks
    assert "2020-01-01" in ticks
    assert "&lt;i&gt;" in ticks
    assert "\\u202egnp.exe" in watched.page.locator(".ranked").inner_text()


def test_the_keyboard_alone_reaches_everything(served: Served, opens: Opens) -> None:
    watched = opens()
    page = watched.page
    watched.open(served.url + served.paths["delays model"])
    page.evaluate("window.scrollTo(0, 0)")
    page.keyboard.press("Tab")
    assert _focused(page, "e => e.className") == "skip"
    page.keyboard.press("Enter")
    assert _focused(page, "e => e.id") == "main"
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        if _focused(page, "e => e === document.body"):
            break
        seen.append(_focused(page, "e => e.textContent.trim().slice(0, 40) || e.id || e.name"))
        assert _focused(page, "e => getComputedStyle(e).outlineStyle") not in ("none", ""), seen[-1]
    for wanted in ("Browse records", "Show", "API", "Metrics"):
        assert wanted in seen
    assert sum(text.startswith("carrier") for text in seen) == 1


def _focused(page: Page, script: str) -> Any:
    return page.evaluate(f"({script})(document.activeElement)")


def test_a_feature_is_chosen_by_keyboard(served: Served, opens: Opens) -> None:
    watched = opens()
    watched.open(served.url + served.paths["delays model"])
    watched.page.locator(".ranked a", has_text="humid").focus()
    with watched.page.expect_navigation():
        watched.page.keyboard.press("Enter")
    assert watched.page.locator("#chosen h2").inner_text() == "humid"
    assert "window=" in watched.page.url


def test_the_window_picker_sends_itself(served: Served, opens: Opens) -> None:
    watched = opens()
    watched.open(served.url + served.paths["delays model"])
    with watched.page.expect_navigation():
        watched.page.locator("#window").select_option(index=17)
    assert "distance" in watched.page.locator(".ranked li").first.inner_text()
    assert "miles became kilometres" in watched.page.locator("#chosen").inner_text()


def test_the_theme_is_chosen_kept_and_reaches_the_figures(served: Served, opens: Opens) -> None:
    watched = opens()
    page, url = watched.page, served.url + served.paths["delays model"]
    watched.open(url)
    button = page.locator("#wk-theme")
    assert button.inner_text() == "Auto"
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button.click()
    button.click()
    assert button.inner_text() == "Dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.wait_for_timeout(600)
    ticks = page.evaluate("getComputedStyle(document.querySelector('.plot .xtick text')).fill")
    assert ticks == "rgb(159, 176, 193)"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert watched.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_can_be_read(served: Served, opens: Opens, scheme: str) -> None:
    watched = opens(scheme=scheme)
    for name in ("delays model", "alerts", "health", "delays record", "delays performance", "delays versions"):
        watched.open(served.url + served.paths[name])
        poor = watched.page.evaluate(CONTRAST, ".badge, .small, .muted, .lead, .pill, button, dt, label, th")
        assert poor == [], name


def test_an_alert_is_acknowledged_by_keyboard(served: Served, opens: Opens) -> None:
    watched = opens()
    page = watched.page
    watched.open(served.url + served.paths["delays alert"])
    page.locator("#note").focus()
    page.keyboard.type("on it <script>")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "on it <script>" in page.locator("main").inner_text()
    assert page.get_by_role("heading", name="Acknowledged").is_visible()
    assert watched.complaints == []


def test_the_pages_say_what_they_say_without_scripts(served: Served, opens: Opens) -> None:
    page = opens(scripts=False).page
    page.goto(served.url + served.paths["delays model"])
    text = page.locator("main").inner_text()
    for words in ("is a category that the reference never had", "most urgent first", "unseen", "Latency, p99"):
        assert words in text
    page.locator("#window").select_option(index=17)
    page.get_by_role("button", name="Show").click()
    assert "miles became kilometres" in page.locator("#chosen").inner_text()


def test_performance_is_told_drawn_and_told_again_without_scripts(served: Served, opens: Opens) -> None:
    watched = opens()
    watched.open(served.url + served.paths["delays performance"])
    legends = " ".join(watched.page.locator(".legendtext").all_text_contents())
    for words in ("realised, on labels", "estimated, without labels", "no bias", "mature windows reach"):
        assert words in legends
    assert watched.complaints == []
    page = opens(scripts=False).page
    page.goto(served.url + served.paths["delays performance"])
    assert "Do not rely on it" in page.locator("#estimate").inner_text()
    assert page.locator(".plot").first.bounding_box()["height"] < 60  # type: ignore[index]
    page.locator("#bias summary").click()
    assert page.locator("#bias tbody tr").count() == 30


def test_the_comparison_report_opens_at_once_and_draws_when_asked(tmp_path: Path, opens: Opens) -> None:
    rng = np.random.default_rng(0)
    names = [*NAMES, *(f"column {i}" for i in range(150))]
    tables = [{name: rng.normal(shift, 1, 200) for name in names} for shift in (0, 0.5)]
    report = tmp_path / "report.html"
    report.write_text(compare(*tables).to_html(), encoding="utf-8")
    watched = opens()
    began = time.monotonic()
    watched.page.goto(report.as_uri(), wait_until="load")
    assert time.monotonic() - began < 5  # under one second on an idle machine; this one may be shared
    assert watched.page.evaluate("typeof window.Plotly") == "undefined"
    watched.page.locator(".columns summary").first.click()
    watched.page.locator(".columns svg").first.wait_for()
    watched.page.locator("#find").fill("<b>bold")
    assert watched.page.locator(".columns > li:visible").count() == 1
    assert watched.page.locator("img, main b").count() == 0
    assert watched.complaints == []


CONTRAST = """selector => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = colour => {
    const linear = v => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    const part = rgb(colour).slice(0, 3).map(v => linear(v / 255));
    return .2126 * part[0] + .7152 * part[1] + .0722 * part[2];
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (rgb(colour)[3] > 250) return colour;
    }
    return "white";
  };
  const poor = [];
  for (const element of document.querySelectorAll(selector)) {
    if (!element.checkVisibility() || !element.textContent.trim()) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) poor.push(`${element.className} ${element.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
