"""Checks that every figure test uses."""

from __future__ import annotations

import msgspec
import plotly.graph_objects as go

from watchkeeper.report.figure import Figure


def valid(figure: Figure) -> Figure:
    """`figure`, after Plotly has checked every property and it has been through JSON."""
    go.Figure(figure)
    return msgspec.json.decode(msgspec.json.encode(figure))
