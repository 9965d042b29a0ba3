"""Models and their versions. A version is immutable: registering the same content again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from watchkeeper.events.errors import BadInput, Conflict, NotFound
from watchkeeper.events.names import check_name, check_new_model
from watchkeeper.monitors.policy import refuse_weights
from watchkeeper.schema.schema import Schema
from watchkeeper.store.database import Database
from watchkeeper.store.tables import counters, models, routing, versions

_REVISION = "versions"
LIVE = "live"
_DEAREST, _LONGEST_UNIT = 1e9, 20


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model is watched. Seconds throughout.

    A window closes when every event in it can be expected to have come: `lateness_seconds` after its end. A window is a
    whole number of buckets. Feedback whose prediction is not there waits for it `park_feedback_seconds`.
    `alarms_per_month` is the budget of false alarms; `importance` weighs features. People are asked for `ask_labels`
    random labels of each window, and for `ask_more` where these leave doubt, within `label_deadline_seconds`; 0 asks
    nobody. A label costs `label_cost`, in any unit.
    """

    bucket_seconds: int = 60
    window_seconds: int = 86_400
    lateness_seconds: int = 300
    keep_records_seconds: int = 30 * 86_400
    keep_buckets_seconds: int = 7 * 86_400
    park_feedback_seconds: int = 7 * 86_400
    alarms_per_month: float = 1.0
    importance: dict[str, float] = {}
    ask_labels: int = 0
    ask_more: int = 80
    label_deadline_seconds: int = 2 * 86_400
    label_cost: float = 0.0
    label_unit: str = ""

    def __post_init__(self) -> None:
        if self.bucket_seconds < 1 or self.window_seconds < self.bucket_seconds:
            raise BadInput("A bucket needs at least 1 second, and a window at least one bucket.")
        if self.window_seconds % self.bucket_seconds:
            raise BadInput(
                f"A window of {self.window_seconds} s is no whole number of buckets of {self.bucket_seconds} s.",
                hint="Choose a window that is a multiple of the bucket.",
            )
        if (
            min(self.lateness_seconds, self.keep_records_seconds, self.keep_buckets_seconds, self.park_feedback_seconds)
            < 0
        ):
            raise BadInput("Lateness and retention cannot be negative.")
        if min(self.ask_labels, self.ask_more, self.label_deadline_seconds) < 0:
            raise BadInput("Labels to ask for, and their deadline, cannot be negative.")
        if not 0 <= self.label_cost <= _DEAREST or len(self.label_unit) > _LONGEST_UNIT:
            raise BadInput(
                f"A label costs from 0 to {_DEAREST:g}, in a unit of up to {_LONGEST_UNIT} characters.",
                hint='Say for instance 0.4 and "EUR".',
            )
        refuse_weights(self.importance)


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A named thing that predicts."""

    name: str
    task: str
    created_at: float
    settings: ModelSettings


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable artifact of a model. `options` is plain JSON for the runtime that loads it.

    `performance_digest` names what was counted of the labelled reference, None where it has no truth. Of a version that
    is kept it may be learned later (`Versions.learn`); all else never changes.
    """

    model: str
    version: str
    task: str
    artifact_digest: str
    runtime: str
    schema: Schema
    reference_digest: str
    performance_digest: str | None = None
    options: dict[str, Any] = {}
    created_at: float = 0.0


class Versions:
    """The registry. `revision` grows at every change, so a reader can poll one number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, version: Version, *, settings: ModelSettings | None = None) -> Version:
        """Keep `version`, and its model if it is the first. The kept version: the same again if nothing differs.

        Raises Conflict if this name holds other content, or if the model has another task; nothing is changed then.
        """
        check_new_model(version.model)
        check_name("version", version.version)
        with self._database.begin():
            self._add_model(version, settings or ModelSettings(), given=settings is not None)
            kept = self._find(version.model, version.version)
            if kept is not None:
                _check_same(kept, version)
                return kept
            self._insert(version)
            self._changed()
            return version

    def learn(self, model: str, version: str, performance_digest: str) -> Version:
        """Keep what was counted of the labelled reference of a version that is kept; the version with it."""
        kept = self.version(model, version)
        if kept.performance_digest != performance_digest:
            where = (versions.c.model == model) & (versions.c.version == version)
            with self._database.begin() as connection:
                connection.execute(sa.update(versions).where(where).values(performance_digest=performance_digest))
                self._changed()
        return msgspec.structs.replace(kept, performance_digest=performance_digest)

    def models(self) -> list[Model]:
        """Every model, by name."""
        with self._database.read() as connection:
            return [_model(row) for row in connection.execute(sa.select(models).order_by(models.c.name))]

    def model(self, name: str) -> Model:
        """The model called `name`; NotFound says which there are."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(models).where(models.c.name == name)).first()
        if row is None:
            raise NotFound(f"No model {name[:80]!r} is registered.", hint=_known([m.name for m in self.models()]))
        return _model(row)

    def set_settings(self, name: str, settings: ModelSettings) -> None:
        """Change how a model is watched, from now on."""
        self.model(name)
        with self._database.begin() as connection:
            connection.execute(sa.update(models).where(models.c.name == name).values(settings=_text(settings)))
            self._changed()

    def versions(self, model: str) -> list[Version]:
        """Every version of a model, oldest first."""
        task = self.model(model).task
        query = sa.select(versions).where(versions.c.model == model).order_by(versions.c.created_at, versions.c.version)
        with self._database.read() as connection:
            return [_version(row, task) for row in connection.execute(query)]

    def version(self, model: str, version: str) -> Version:
        """One version; NotFound says which there are."""
        found = self._find(model, version)
        if found is None:
            names = [v.version for v in self.versions(model)]
            raise NotFound(f"Model {model!r} has no version {version[:80]!r}.", hint=_known(names))
        return found

    def live_version(self, model: str) -> Version:
        """The version that answers: the one set live, or the latest registered while none was set."""
        query = (
            sa.select(routing.c.version)
            .where(routing.c.model == model, routing.c.route == LIVE)
            .order_by(routing.c.revision.desc(), routing.c.weight.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            chosen = connection.execute(query).scalar()
        if chosen is not None:
            return self.version(model, chosen)
        known = self.versions(model)
        if not known:
            raise NotFound(f"Model {model!r} has no version yet.", hint="Register one with `watchkeeper register`.")
        return known[-1]

    def set_live(self, model: str, version: str, now: float) -> None:
        """Send all traffic of `model` to `version` from now on, as a new revision of its routing."""
        self.version(model, version)
        with self._database.begin() as connection:
            last = connection.execute(sa.select(sa.func.max(routing.c.revision)).where(routing.c.model == model))
            row = {"model": model, "revision": (last.scalar() or 0) + 1, "version": version, "route": LIVE}
            connection.execute(sa.insert(routing).values(**row, weight=100, created_at=now))
            self._changed()

    def revision(self) -> int:
        """A number that grows at every change of models, versions, settings or routing."""
        with self._database.read() as connection:
            return connection.execute(sa.select(counters.c.value).where(counters.c.name == _REVISION)).scalar() or 0

    def _find(self, model: str, version: str) -> Version | None:
        query = (
            sa.select(versions, models.c.task)
            .join(models, models.c.name == versions.c.model)
            .where(versions.c.model == model, versions.c.version == version)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _version(row, row.task)

    def _add_model(self, version: Version, settings: ModelSettings, *, given: bool) -> None:
        with self._database.begin() as connection:
            row = connection.execute(sa.select(models).where(models.c.name == version.model)).first()
            if row is None:
                values = {"name": version.model, "task": version.task, "created_at": version.created_at}
                connection.execute(sa.insert(models).values(**values, settings=_text(settings)))
            elif row.task != version.task:
                raise Conflict(
                    f"Model {version.model!r} is {row.task}; version {version.version!r} says {version.task}.",
                    hint="A model keeps its task: register the new artifact under another model name.",
                )
            elif given and row.settings != _text(settings):
                self.set_settings(version.model, settings)

    def _insert(self, version: Version) -> None:
        row = {
            name: getattr(version, name) for name in ("model", "version", "artifact_digest", "runtime", "created_at")
        }
        row |= {"schema_json": version.schema.to_json().decode(), "reference_digest": version.reference_digest}
        row["performance_digest"] = version.performance_digest
        with self._database.begin() as connection:
            connection.execute(sa.insert(versions).values(**row, options=_text(version.options)))

    def _changed(self) -> None:
        self._database.upsert(counters, [{"name": _REVISION, "value": 1}], add=["value"])


def _check_same(kept: Version, given: Version) -> None:
    fields = ("artifact_digest", "runtime", "schema", "reference_digest", "options")
    different = [name for name in fields if getattr(kept, name) != getattr(given, name)]
    if different:
        raise Conflict(
            f"Version {kept.version!r} of model {kept.model!r} is already registered with another "
            f"{' and '.join(name.removesuffix('_digest') for name in different)}.",
            hint="A version never changes: register the new content under a new version.",
        )


def _model(row: sa.Row[Any]) -> Model:
    settings = msgspec.json.decode(row.settings, type=ModelSettings)
    return Model(name=row.name, task=row.task, created_at=row.created_at, settings=settings)


def _version(row: sa.Row[Any], task: str) -> Version:
    return Version(
        model=row.model,
        version=row.version,
        task=task,
        artifact_digest=row.artifact_digest,
        runtime=row.runtime,
        schema=Schema.from_json(row.schema_json),
        reference_digest=row.reference_digest,
        performance_digest=row.performance_digest,
        options=msgspec.json.decode(row.options),
        created_at=row.created_at,
    )


def _text(value: ModelSettings | Mapping[str, Any]) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def _known(names: list[str]) -> str:
    if not names:
        return "None is registered yet: use `watchkeeper register`."
    shown = ", ".join(names[:10])
    return f"There are {shown}{' …' if len(names) > 10 else ''}."
