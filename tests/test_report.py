"""The report, in a real browser where there is one."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from s2sad.cli import main

SAMPLES = Path(__file__).parent.parent / "samples"
POINTS = {
    "lecture.py:f": "x=0.7",
    "kepler.py:eccentric_anomaly": "eccentricity=0.3,mean_anomaly=1.0",
    "rosenbrock.py:rosenbrock": "start=0.3,ratio=1.01,n=20",
    "black_scholes.py:call_price": (
        "spot=100.0,strike=105.0,rate=0.02,volatility=0.2,maturity=1.5"
    ),
    "newton.py:cubic_root": "a=2.0,b=5.0",
}


def written(target: str, path: Path, at: str | None) -> str:
    point = ["--at", at] if at else []
    assert main(["report", str(target), *point, "-o", str(path)]) == 0
    return path.read_text()


@pytest.mark.parametrize("sample", POINTS)
def test_the_page_stands_alone(sample: str, tmp_path: Path) -> None:
    text = written(f"{SAMPLES / sample}", tmp_path / "report.html", POINTS[sample])
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text)
    assert "reverse, forward and differences agree" in text
    assert len(text) < 400_000
    # It is made anew over an earlier one, never over anything else.
    written(f"{SAMPLES / sample}", tmp_path / "report.html", POINTS[sample])


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text("mine")
    assert main(["report", f"{SAMPLES / 'lecture.py'}:f", "-o", str(other)]) == 2
    assert other.read_text() == "mine"


def test_without_a_point(tmp_path: Path) -> None:
    text = written(f"{SAMPLES / 'newton.py'}:cubic_root", tmp_path / "report.html", None)
    assert "The derivation is not shown" in text
    assert "# forward sweep" in text


def test_a_long_function(tmp_path: Path) -> None:
    lines = ["import math", "def f(x: float) -> float:", "    y0 = x"]
    lines += [f"    y{k + 1} = math.sin(y{k}) + y{max(0, k - 3)} * x" for k in range(200)]
    (tmp_path / "long.py").write_text("\n".join([*lines, "    return y200", ""]))
    text = written(f"{tmp_path / 'long.py'}:f", tmp_path / "report.html", "x=0.3")
    assert len(text.encode()) < 800_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no Chromium with its driver here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in (
        "headless no-sandbox disable-gpu disable-quic no-first-run disable-sync"
        " disable-background-networking disable-component-update"
    ).split():
        options.add_argument(f"--{word}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.add_argument("--window-size=1400,1000")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    yield opened
    opened.quit()


@pytest.fixture(scope="module")
def report(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("page") / "report.html"
    written(f"{SAMPLES / 'lecture.py'}:f", path, "x=0.7")
    browser.get(path.as_uri())
    return browser


def lit(report: Any, kind: str) -> list[str]:
    found: list[str] = report.execute_script(
        "return [...document.querySelectorAll('.lines .' + arguments[0])]"
        ".map(e => e.textContent.trim())",
        kind,
    )
    return found


def test_nothing_is_asked_for_and_nothing_complains(report: Any) -> None:
    asked = [
        json.loads(entry["message"])["message"]
        for entry in report.get_log("performance")
        if "Network.requestWillBeSent" in entry["message"]
    ]
    urls = [one["params"]["request"]["url"] for one in asked if "request" in one["params"]]
    assert [url for url in urls if not url.startswith(("file:", "data:", "chrome"))] == []
    assert [e for e in report.get_log("browser") if e["level"] == "SEVERE"] == []


def test_a_line_lights_up_what_belongs_to_it(report: Any) -> None:
    report.execute_script(
        "return [...document.querySelectorAll('.lines li')]"
        ".find(e => e.textContent.includes('%c = add'))"
    ).click()
    assert "c = a + b" in lit(report, "same")
    assert any(text.startswith("c_bar = ") for text in lit(report, "same"))
    assert "b = math.exp(a)" in lit(report, "from")
    assert "d = math.sqrt(c)" in lit(report, "to")


def test_the_keyboard_walks_through_the_lines(report: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    report.execute_script("document.querySelector('.lines li').focus()")
    report.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert "return" in report.switch_to.active_element.text


def test_the_stages_can_be_stepped_through(report: Any) -> None:
    shown = (
        "return [...document.querySelectorAll('#stages .card')].filter(e => !e.hidden)[0].id"
    )
    assert report.execute_script(shown) == "stage-source"
    report.find_element("id", "next").send_keys("\n")
    assert report.execute_script(shown) == "stage-ssa"
    report.find_element("id", "back").send_keys("\n")
    assert report.execute_script(shown) == "stage-source"


def test_nothing_sticks_out_on_a_phone(report: Any) -> None:
    report.set_window_size(500, 900)
    wide = report.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    report.set_window_size(1400, 1000)
    assert wide <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(report: Any, theme: str) -> None:
    axe = pytest.importorskip("axe_core_python.selenium")
    report.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    found = axe.Axe().run(report)["violations"]
    assert [(one["id"], [n["html"][:90] for n in one["nodes"][:3]]) for one in found] == []
