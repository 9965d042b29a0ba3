"""A distribution as a figure without a script: SVG in the page's own colours, light and dark.

The reference is filled, now is an outline; levels lie on their side so that long names can be read. A bar apart stands
for rows without a value where their share moved by a point or more. Texts are escaped: names come from outside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup, escape

from watchkeeper.report.distribution import Distribution, Floats
from watchkeeper.report.words import number, percent, short

WIDTH, HEIGHT = 720, 220
_LEFT, _BOTTOM, _TOP, _APART = 44, 24, 10, 64
_ROW, _NAME, _SHARE = 24, 190, 130
_TICKS = 5
_MOVED = 0.01


def distribution_svg(distribution: Distribution, label: str) -> Markup:
    """The figure, with `label` for those who cannot see it."""
    if not distribution.n_reference and not distribution.n_current:
        return Markup('<p class="small muted">No values in the reference or now.</p>')
    if distribution.centres is None:
        return _levels(distribution, label)
    return _values(distribution, label)


def _svg(height: int, label: str, inner: str) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, height, label)
    return head + Markup(inner) + Markup("</svg>")  # noqa: S704 - every text in it was escaped


# ----------------------------------------------------------------------------------------------------------- numbers
def _values(distribution: Distribution, label: str) -> Markup:
    """Bars of values from left to right; without the two missing shares unless they differ."""
    moved = abs(distribution.missing[1] - distribution.missing[0]) >= _MOVED
    right = WIDTH - 8 - (_APART if moved else 0)
    missing = distribution.missing if moved else (0.0, 0.0)
    top = max(*distribution.reference, *distribution.current, *missing) or 1.0
    edges = _edges(distribution)
    xs = _LEFT + (edges - edges[0]) / ((edges[-1] - edges[0]) or 1.0) * (right - _LEFT)
    parts = [
        _shares_axis(top, right),
        f'<path class="bar-ref" d="{_bars(xs, distribution.reference, top)}"/>',
        f'<path class="bar-now" d="{_outline(xs, distribution.current, top)}"/>',
        _values_axis(edges, xs, log=distribution.log),
    ]
    if moved:
        around = np.array([WIDTH - _APART + 14.0, WIDTH - 14.0])
        parts += [
            f'<path class="bar-ref" d="{_bars(around, missing[:1], top)}"/>',
            f'<path class="bar-now" d="{_outline(around, missing[1:], top)}"/>',
            _text(WIDTH - _APART / 2, HEIGHT - 6, "missing", "middle"),
        ]
    return _svg(HEIGHT, label, "".join(parts))


def _edges(distribution: Distribution) -> Floats:
    """The edges of the bars, from their middles and widths."""
    middles, widths = np.array(distribution.centres), np.array(distribution.widths)
    return np.append(middles - widths / 2, middles[-1] + widths[-1] / 2)


def _y(share: float, top: float) -> float:
    return HEIGHT - _BOTTOM - share / top * (HEIGHT - _BOTTOM - _TOP)


def _bars(xs: Floats, shares: Sequence[float], top: float) -> str:
    floor = _n(_y(0, top))
    return "".join(
        f"M{_n(xs[i])} {floor}V{_n(_y(share, top))}H{_n(xs[i + 1])}V{floor}Z"
        for i, share in enumerate(shares)
        if share > 0
    )


def _outline(xs: Floats, shares: Sequence[float], top: float) -> str:
    floor = _n(_y(0, top))
    steps = "".join(f"V{_n(_y(share, top))}H{_n(xs[i + 1])}" for i, share in enumerate(shares))
    return f"M{_n(xs[0])} {floor}{steps}V{floor}"


def _shares_axis(top: float, right: float) -> str:
    half = top / 2
    lines = "".join(
        f'<path class="grid" d="M{_LEFT} {_n(_y(share, top))}H{_n(right)}"/>'
        + _text(_LEFT - 6, _y(share, top) + 4, percent(share), "end")
        for share in (half, top)
    )
    return lines + f'<path class="axis" d="M{_LEFT} {HEIGHT - _BOTTOM}H{_n(right)}"/>'


def _values_axis(
    edges: Floats,
    xs: Floats,
    *,
    log: bool,
) -> str:
    places = np.linspace(0, len(edges) - 1, min(_TICKS, len(edges))).round().astype(int)
    anchors = {int(places[0]): "start", int(places[-1]): "end"}
    return "".join(
        _text(xs[i], HEIGHT - 6, number(10 ** edges[i] if log else edges[i]), anchors.get(i, "middle"))
        for i in places.tolist()
    )


# ------------------------------------------------------------------------------------------------------------ levels
def _levels(distribution: Distribution, label: str) -> Markup:
    """A row for each level: its name, both shares as bars, both as numbers."""
    names, olds, news = list(distribution.names), [*distribution.reference], [*distribution.current]
    if abs(distribution.missing[1] - distribution.missing[0]) >= _MOVED:
        names, olds, news = [*names, "(missing)"], [*olds, distribution.missing[0]], [*news, distribution.missing[1]]
    top = max(*olds, *news) or 1.0
    room = WIDTH - _NAME - _SHARE
    rows = []
    for i, (name, old, new) in enumerate(zip(names, olds, news, strict=True)):
        y = i * _ROW + 4
        rows.append(
            _text(_NAME - 8, y + 13, short(name, 24), "end")
            + f'<path class="bar-ref" d="M{_NAME} {y + 1}h{_n(old / top * room)}v14h-{_n(old / top * room)}Z"/>'
            + f'<path class="bar-now" d="M{_NAME} {y + 3}h{_n(new / top * room)}v10h-{_n(new / top * room)}Z"/>'
            + _text(WIDTH - 4, y + 13, f"{percent(new)}, was {percent(old)}", "end")
        )
    return _svg(len(names) * _ROW + 8, label, "".join(rows))


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
