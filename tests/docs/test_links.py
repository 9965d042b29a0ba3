"""Every link inside the project leads somewhere, and every page can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, anchors, links, name, pages


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_resolve(page: Path) -> None:
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{name(page)} links to {link}"
        assert file.is_relative_to(ROOT), f"{name(page)} links outside the project: {link}"
        if anchor:
            assert anchor in anchors(file), f"{name(page)} links to {link}: no such heading"


def test_every_page_is_reached_from_the_contents() -> None:
    contents = DOCS / "README.md"
    reached, todo = {contents}, [contents]
    while todo:
        page = todo.pop()
        for link in links(page):
            file = (page.parent / link.partition("#")[0]).resolve()
            if file.suffix == ".md" and file.is_file() and file not in reached:
                reached.add(file)
                todo.append(file)
    assert set(DOCS.rglob("*.md")) <= reached
