"""The schema of a model: its features and outputs, revised by hand or learned anew, never changed in place."""

from __future__ import annotations

import msgspec

from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.schema.feature import Feature


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """Features in the order the model takes them, outputs in the order it gives them."""

    features: tuple[Feature, ...]
    outputs: tuple[Feature, ...] = ()
    revision: int = 1

    def __post_init__(self) -> None:
        for kind, columns in (("feature", self.features), ("output", self.outputs)):
            names = [column.name for column in columns]
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise BadInput(f"The schema names {kind} {repeated[0]!r} more than once.", hint="Names must be unique.")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in the model's order."""
        return tuple(feature.name for feature in self.features)

    def feature(self, name: str) -> Feature:
        """The feature called `name`; NotFound names the ones there are."""
        for feature in self.features:
            if feature.name == name:
                return feature
        raise NotFound(f"No feature {name!r} in this schema.", hint=f"It has {', '.join(self.feature_names)}.")

    def to_json(self) -> bytes:
        """Canonical JSON, the same bytes for the same schema."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, text: bytes | str) -> Schema:
        """The schema written in `text`. Raises BadInput that names the place of the first fault."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise BadInput(f"The schema is not valid: {error}.", hint="See the reference page on schemas.") from error
