from __future__ import annotations

from watchkeeper.compare.comparison import compare
from watchkeeper.report.compared import Compared


def test_a_comparison_has_the_shape_that_the_report_needs() -> None:
    shape: Compared = compare({"x": [1.0, 2.0] * 30}, {"x": [1.0, 2.0] * 30})
    assert [hasattr(shape, name) for name in dir(Compared) if not name.startswith("_")].count(False) == 0
