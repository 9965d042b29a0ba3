from __future__ import annotations

import numpy as np

from watchkeeper.compare.comparison import compare

RNG = np.random.default_rng(0)


def test_it_is_a_table_without_scripts() -> None:
    html = compare({"x": RNG.normal(size=500)}, {"x": RNG.normal(2, 1, 100)})._repr_html_()
    assert "<script" not in html
    assert "alarm" in html
    assert "100 rows against 500, 1 columns" in html


def test_a_column_cannot_be_called_something_dangerous() -> None:
    name = "<img src=x onerror=alert(1)>"
    html = compare({name: RNG.normal(size=100)}, {name: RNG.normal(size=100)})._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html


def test_very_many_columns_are_cut() -> None:
    wide = {f"n{i}": RNG.normal(size=40) for i in range(35)}
    assert "5 more columns" in compare(wide, wide)._repr_html_()
