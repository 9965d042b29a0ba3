from __future__ import annotations

import shutil
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.helpers.asgi import Asker
from tests.helpers.seed import NOW
from watchkeeper import telemetry
from watchkeeper.api.context import Context
from watchkeeper.api.metrics import render
from watchkeeper.journal.memory import MemoryJournal

LABELS = {
    "model",
    "version",
    "route",
    "code_class",
    "le",
    "state",
    "reason",
    "process",
    "part",
    "python",
    "outcome",
    "metric",
}
SELDON = {"model_name", "model_version", "predictor_name", "class"}


def samples(context: Context) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(bytes(render(context).body).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_the_official_parser_reads_every_family(context: Context) -> None:
    found = samples(Context(context.store, now=lambda: NOW, journal=MemoryJournal()))
    requests = {labels["code_class"]: value for labels, value in found["watchkeeper_inferences_total"]}
    assert requests["2xx"] + requests["5xx"] == 12000
    assert found["watchkeeper_alerts_firing"] == [({"model": "delays"}, 2), ({"model": "watchkeeper"}, 0)]
    states = {labels["state"]: value for labels, value in found["watchkeeper_verdict"]}
    assert states["alarm"] == 1
    assert sum(states.values()) == 1
    assert found["watchkeeper_capture_dropped_total"] == [({"model": "delays", "reason": "buffer_full"}, 17)]
    assert found["watchkeeper_feedback_total"][0][1] > 0
    assert len(found["watchkeeper_process_up"]) == 3
    assert "watchkeeper_journal_bytes" in found


def test_durations_are_a_histogram_that_rises_to_the_count(context: Context) -> None:
    found = samples(context)
    buckets = [value for _, value in found["watchkeeper_inference_duration_seconds_bucket"]]
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["watchkeeper_inference_duration_seconds_count"][0][1] == 12000
    mean = found["watchkeeper_inference_duration_seconds_sum"][0][1] / 12000
    assert mean == pytest.approx(0.00152, rel=0.1)


def test_names_and_labels_are_the_declared_ones(context: Context) -> None:
    declared = {metric.name for metric in (*telemetry.METRICS, *telemetry.SELDON_METRICS)}
    suffixes = ("", "_bucket", "_sum", "_count", "_created")
    for name, found in samples(context).items():
        assert any(name.removesuffix(suffix) in declared for suffix in suffixes), name
        assert all(set(labels) <= (SELDON if name.startswith("seldon_") else LABELS) for labels, _ in found)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is installed by scripts/system-packages")
def test_promtool_finds_no_fault(context: Context) -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=bytes(render(context).body), capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_a_version_whose_reference_is_gone_still_counts_rows(empty: Context) -> None:
    assert "watchkeeper_inferences_total" not in samples(empty)
    assert "watchkeeper_build_info" in samples(empty)


def test_the_console_serves_it(asker: Asker) -> None:
    answer = asker.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")


def test_feedback_is_counted_by_what_became_of_it(context: Context) -> None:
    found = samples(context)
    outcomes = {labels["outcome"]: value for labels, value in found["watchkeeper_labels_total"]}
    assert outcomes["joined"] > 9000
    assert sum(outcomes.values()) - outcomes.get("parked", 0) == found["watchkeeper_feedback_total"][0][1]
    assert found["watchkeeper_labels_parked"] == [({"model": "delays"}, 0)]
