import io
from pathlib import Path

import pytest
from rich.console import Console

from watchkeeper.demo.flights import TARGET, TIME, TRAINED_UNTIL, as_table, load_flights, midnight
from watchkeeper.demo.story import FOREVER, Plan, declared, run, settings
from watchkeeper.events.errors import BadInput
from watchkeeper.schema.feature import FeatureType
from watchkeeper.schema.inference import infer_schema


def test_a_folder_in_use_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(BadInput, match="not empty"):
        run(Plan(port=0, data_dir=tmp_path), Console(file=io.StringIO()), lambda _: None)


def test_numbers_are_declared_as_measures_with_units() -> None:
    spring = load_flights().between(0, midnight(TRAINED_UNTIL))
    schema = declared(infer_schema(as_table(spring, landed_only=False), exclude=(TARGET, TIME)))
    assert schema.feature("distance").unit == "miles"
    assert FeatureType.INTEGER not in {feature.type for feature in schema.features}
    assert schema.feature("carrier").type is FeatureType.CATEGORICAL


def test_retention_does_not_clear_the_past_away(tmp_path: Path) -> None:
    assert settings(tmp_path).retention_records == FOREVER
    assert settings(tmp_path).window % settings(tmp_path).bucket == 0
