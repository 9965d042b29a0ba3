from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.report.predictions import PredictionSeries, classes_figure, predictions_figure


def series(reference: float | None = None) -> PredictionSeries:
    return PredictionSeries(
        times=(0, 60), mean=(1, None), median=(1, None), low=(0, None), high=(2, None), reference=reference
    )


def test_mean_median_band_and_reference() -> None:
    names = [trace["name"] for trace in valid(predictions_figure(series(0.5), name="late"))["data"]]
    assert names == ["10th to 90th percentile", "mean", "median", "reference mean"]
    assert len(predictions_figure(series())["data"]) == 3


def test_classes_are_stacked_shares() -> None:
    made = valid(classes_figure([0], {"<b>": [0.25], "no": [0.75], "c": [0], "d": [0]}))
    assert made["data"][0]["name"] == "&lt;b&gt;"
    assert made["layout"]["yaxis"]["range"] == [0, 1]


def test_no_prediction_is_a_sentence() -> None:
    empty = PredictionSeries(times=(), mean=(), median=(), low=(), high=())
    assert predictions_figure(empty)["layout"]["annotations"]
    assert classes_figure([], {})["layout"]["annotations"]
