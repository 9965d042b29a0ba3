"""NannyML's univariate drift at its defaults, the window as chunk size on both sides."""

import os
import sys
import warnings
from collections.abc import Iterator

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

import drift
import pandas as pd
from nannyml import UnivariateDriftCalculator


def severities(reference: pd.DataFrame, windows: list[pd.DataFrame]) -> Iterator[dict[str, float]]:
    _, texts = drift.kinds(reference)
    calculator = UnivariateDriftCalculator(
        column_names=list(reference.columns), treat_as_categorical=texts, chunk_size=len(windows[0])
    )
    calculator.fit(reference)
    results = calculator.calculate(pd.concat(windows, ignore_index=True)).filter(period="analysis").to_df()
    for _, row in results.iterrows():
        yield {
            name: row[name, "jensen_shannon", "value"] / row[name, "jensen_shannon", "upper_threshold"]
            for name in reference.columns
        }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    drift.main("nannyml", severities, *sys.argv[1:])
