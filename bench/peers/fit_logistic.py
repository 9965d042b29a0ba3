"""Fit the one model that every server serves: logistic regression on the 30 features of load_breast_cancer."""

import sys
from pathlib import Path

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def main(target: Path) -> None:
    data, label = load_breast_cancer(return_X_y=True)
    model = LogisticRegression(max_iter=1000).fit(StandardScaler().fit_transform(data), label)
    joblib.dump(model, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
