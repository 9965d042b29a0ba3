from __future__ import annotations

import json

import jinja2
import pytest

from watchkeeper.report.page import asset, drawn, environment, json_script, plotly_js, swap_json, theme_css
from watchkeeper.report.theme import DARK, LIGHT


def test_json_cannot_leave_its_element() -> None:
    hostile = {"</script><script>": "<!-- & \u2028"}
    text = str(json_script(hostile))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == hostile
    figure = {"data": [], "layout": {"height": 160}}
    assert json.loads(drawn(figure).json) == figure
    assert drawn(figure).height == 160


def test_plotly_cannot_end_the_element_that_carries_it() -> None:
    lower = plotly_js().lower()
    assert "</script" not in lower
    assert "<!--" not in lower


def test_templates_escape_and_miss_nothing() -> None:
    assert environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ y }}").render()


def test_both_themes_are_custom_properties() -> None:
    css = theme_css()
    assert f"--alarm:{LIGHT.alarm};" in css
    assert css.count(f"--alarm:{DARK.alarm};") == 2
    assert json.loads(swap_json())[LIGHT.ink] == DARK.ink


@pytest.mark.parametrize("name", ["base.css", "report.css", "theme.js", "figures.js", "report.js"])
def test_assets_ask_the_network_for_nothing_and_build_no_html(name: str) -> None:
    text = asset(name)
    for word in ("http:", "https:", "url(", "@import", "innerHTML", "document.write", "eval(", "insertAdjacentHTML"):
        assert word not in text
