"""Which models the gateway serves: made whole, then swapped in one assignment, so a request sees one state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import pyarrow as pa

from watchkeeper.events.inference import INPUT, OUTPUT, Source, envelope_schema
from watchkeeper.gateway.frame import FrameReader
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.pace import Pace
from watchkeeper.models.predictor import Predictor
from watchkeeper.models.record import recorded_type
from watchkeeper.models.task import Task, classes_of
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.schema.truth import Truth


class ServedVersion:
    """A loaded version with everything that a request of it needs, made once.

    `schema.outputs` and the predictor's outputs are the same, in the same order. `route` is why requests come here.
    """

    def __init__(
        self,
        *,
        model: str,
        version: str,
        task: Task,
        schema: Schema,
        predictor: Predictor,
        platform: str,
        route: str = "live",
        limits: Limits | None = None,
    ) -> None:
        self.model, self.version, self.task, self.route = model, version, task, route
        self.schema, self.predictor, self.platform = schema, predictor, platform
        self.reader = FrameReader(schema.features, predictor.layout, limits or Limits())
        self.output_names = tuple(output.name for output in predictor.outputs)
        self.pace = Pace()
        columns = [
            pa.field(prefix + column.name, recorded_type(column))
            for prefix, group in ((INPUT, schema.features), (OUTPUT, schema.outputs))
            for column in group
        ]
        self.batch_schema = envelope_schema(Source(model=model, version=version, route=route), columns)

    def metadata(self, versions: tuple[str, ...]) -> dict[str, Any]:
        """The model metadata of the protocol."""
        return {
            "name": self.model,
            "versions": list(versions),
            "platform": self.platform,
            "inputs": _input_metadata(self),
            "outputs": [
                {"name": output.name, "datatype": output.datatype, "shape": [-1]} for output in self.predictor.outputs
            ],
            "parameters": {"task": str(self.task), "version": self.version},
        }


class ServedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model: the version that answers when none is named, and every version that can be named.

    `problems` holds versions that are registered but could not be loaded, with the reason.
    """

    name: str
    live: str | None
    versions: Mapping[str, ServedVersion]
    problems: Mapping[str, str] = MappingProxyType({})

    def truth(self) -> Truth | None:
        """What labels the model takes: the classes of any version; None where one does not tell them."""
        tasks = {served.task for served in self.versions.values()}
        if len(tasks) != 1 or self.problems:
            return None
        task = tasks.pop()
        classes = [classes_of(served.schema.outputs) for served in self.versions.values()]
        if task is not Task.REGRESSION and not all(classes):
            return None
        return Truth(task.value, tuple(dict.fromkeys(name for names in classes for name in names)))


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All served models at one revision of the store's routing."""

    models: Mapping[str, ServedModel] = MappingProxyType({})
    revision: int = 0


_DATATYPES = {FeatureType.BOOLEAN: "BOOL", FeatureType.INTEGER: "INT64", FeatureType.NUMERIC: "FP64"}


def _input_metadata(served: ServedVersion) -> list[dict[str, Any]]:
    """One tensor a feature: the form that every model takes, and that names its features."""
    return [_feature_metadata(feature) for feature in served.schema.features]


def _feature_metadata(feature: Feature) -> dict[str, Any]:
    found: dict[str, Any] = {"name": feature.name, "datatype": _DATATYPES.get(feature.type, "BYTES"), "shape": [-1]}
    found["parameters"] = {"type": str(feature.type)}
    return found
