from __future__ import annotations

import gzip

import pytest

from tests.helpers.asgi import Asker
from watchkeeper.console.assets import FOREVER, assets


@pytest.mark.parametrize("name", ["console.css", "theme.js", "figures.js", "console.js", "plotly.js", "icon.svg"])
def test_an_asset_is_served_under_its_digest_and_kept(asker: Asker, name: str) -> None:
    asset = assets()[name]
    answer = asker.get(asset.path, headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == asset.content
    assert answer.headers["cache-control"] == FOREVER
    assert answer.headers["content-type"].startswith(asset.media_type)


def test_packed_for_whoever_takes_it(asker: Asker) -> None:
    asset = assets()["console.css"]
    answer = asker.get(asset.path, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == asset.content
    assert gzip.decompress(asset.packed) == asset.content


def test_another_digest_or_name_is_not_there(asker: Asker) -> None:
    assert asker.get("/static/0000000000000000/console.css").status_code == 404
    assert asker.get(assets()["console.css"].path + "x").status_code == 404
    assert asker.get("/static/x/..%2fapp.py").status_code == 404


@pytest.mark.parametrize("name", ["console.css", "console.js", "icon.svg"])
def test_assets_ask_the_network_for_nothing_and_build_no_html(name: str) -> None:
    text = assets()[name].content.decode().replace("http://www.w3.org/2000/svg", "")
    for word in ("http:", "https:", "url(", "@import", "innerHTML", "document.write", "eval(", "insertAdjacentHTML"):
        assert word not in text
