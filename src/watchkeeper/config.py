"""Settings, declared once: environment, file, command line, documentation and error texts derive from `Settings`.

Order of precedence: a command's flag, then `WATCHKEEPER_<NAME>` in the environment, then `watchkeeper.toml`, then the
default. A name that is not in the table is an error, wherever it stands: a mistyped setting must not look obeyed.

Durations are whole seconds, or a number with s, m, h or d ("10m"). Sizes are bytes, or a number with KiB, MiB or GiB.
"""

# ruff: noqa: RUF009, TRY004 (`_setting` returns a dataclass field; a parser's one way to refuse is ValueError)
from __future__ import annotations

import dataclasses
import difflib
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from watchkeeper.events.errors import BadInput
from watchkeeper.events.quantities import duration, size

ENV_PREFIX = "WATCHKEEPER_"
FILE_NAME = "watchkeeper.toml"
FILE_VARIABLE = ENV_PREFIX + "CONFIG"


class Capture(StrEnum):
    """When a prediction is answered, relative to its record: see the page on what each mode can lose."""

    FAST = "fast"
    DURABLE = "durable"
    OFF = "off"


class LogLevel(StrEnum):
    """The least grave log record that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _positive(parse: Callable[[object], int]) -> Callable[[object], int]:
    def parse_positive(value: object) -> int:
        number = parse(value)
        if number == 0:
            raise ValueError("greater than 0")
        return number

    return parse_positive


def _whole(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("text in quotes")
    return value


def _path(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ValueError("a path in quotes")
    return Path(value).expanduser()


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    flags = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if not isinstance(value, str) or value.strip().lower() not in flags:
        raise ValueError("true or false")
    return flags[value.strip().lower()]


def _one_of(choices: type[StrEnum]) -> Callable[[object], Any]:
    def parse(value: object) -> StrEnum:
        try:
            return choices(str(value).lower())
        except ValueError:
            raise ValueError("one of " + ", ".join(choices)) from None

    return parse


def _url(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"https?://[^\s/?#@]+([/?][^\s#]*)?", value)):
        raise ValueError("an http:// or https:// address without user name and fragment, or empty")
    return value


def _command(value: object) -> str:
    """A command line without a shell: text as one would type it, or a list of its words."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return shlex.join(value)
    try:
        words = shlex.split(_text(value))
    except ValueError as error:
        raise ValueError("a program and its arguments, as text or as a list") from error
    if any("\0" in word for word in words):
        raise ValueError("a program and its arguments, as text or as a list")
    return str(value).strip()


def _share(value: object) -> float:
    text = "" if isinstance(value, bool) else str(value).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError("a share from 0 to 1, or from 0% to 100%")
    return share


def _setting(parse: Callable[[object], Any], kind: str, default: Any, help_: str) -> Any:
    return dataclasses.field(default=default, metadata={"parse": parse, "kind": kind, "help": help_})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of Watchkeeper. Durations are in seconds, sizes in bytes."""

    data_dir: Path = _setting(_path, "path", Path("watchkeeper-data"), "Where everything is kept.")
    host: str = _setting(
        _text, "text", "127.0.0.1", "Address to listen on. Only loopback is allowed, as there is no authentication yet."
    )
    port: int = _setting(_whole(0, 65535), "number", 8080, "Port to listen on; 0 takes a free one.")
    capture: Capture = _setting(
        _one_of(Capture),
        "choice",
        Capture.FAST,
        "fast: answer, then record within 50 ms. durable: answer after the record is on disk. off: record nothing.",
    )
    capture_max_rows: int = _setting(
        _whole(1, 10_000_000),
        "number",
        200_000,
        "Rows that may wait in memory; what comes beyond is dropped and counted.",
    )
    capture_max_bytes: int = _setting(
        _positive(size),
        "size",
        64 << 20,
        "Bytes of bodies that may wait in memory; what comes beyond is dropped and counted.",
    )
    max_body_bytes: int = _setting(
        _positive(size), "size", 16 << 20, "Largest request body; a larger one is answered 413."
    )
    bucket: int = _setting(
        _positive(duration), "duration", 60, "Smallest slice of event time that counts are kept for."
    )
    window: int = _setting(_positive(duration), "duration", 3600, "Length of event time that one verdict judges.")
    lateness: int = _setting(duration, "duration", 600, "How long after its end a window waits for late rows.")
    retention_records: int = _setting(_positive(duration), "duration", 30 * 86400, "How long single records are kept.")
    retention_tallies: int = _setting(
        _positive(duration),
        "duration",
        7 * 86400,
        "How long counts are kept by the bucket; older ones are kept by the hour.",
    )
    webhook_url: str = _setting(_url, "address", "", "Where alerts are posted; empty for nowhere.")
    webhook_secret: str = _setting(
        _text, "text", "", "Key that signs each notification (HMAC-SHA256). Better in a file."
    )
    webhook_secret_file: Path | None = _setting(_path, "path", None, "File that holds the signing key.")
    webhook_private: bool = _setting(
        _flag, "flag", True, "Whether webhook_url may lead to a loopback or private address."
    )
    rater_command: str = _setting(
        _command,
        "command",
        "",
        "Program that labels what is asked for: JSON on its standard input, JSON on its output. No shell runs it.",
    )
    rater_url: str = _setting(
        _url, "address", "", "Where what is asked for is posted to be labelled; empty for nowhere."
    )
    rater_secret: str = _setting(_text, "text", "", "Key that signs each request to rater_url. Better in a file.")
    rater_secret_file: Path | None = _setting(_path, "path", None, "File that holds that key.")
    rater_private: bool = _setting(_flag, "flag", True, "Whether rater_url may lead to a loopback or private address.")
    rater_models: str = _setting(
        _text, "text", "", "Models that the rater labels, with commas between; empty for every model that asks."
    )
    rater_batch: int = _setting(_whole(1, 1000), "number", 20, "Predictions that the rater is given at once.")
    rater_per_hour: int = _setting(
        _whole(1, 100_000_000), "number", 1000, "Predictions an hour that the rater is given at most, in the long run."
    )
    rater_timeout: int = _setting(_positive(duration), "duration", 60, "How long the rater may take for one batch.")
    rater_sees_answer: bool = _setting(
        _flag, "flag", False, "Whether the rater is shown the model's own answer. One that sees it leans to it."
    )
    rater_check: float = _setting(
        _share,
        "share",
        0.05,
        "Share of the requests, drawn at random, that is left to people, so that the rater can be held against them.",
    )
    log_level: LogLevel = _setting(_one_of(LogLevel), "choice", LogLevel.INFO, "Least grave record in the log.")

    def __post_init__(self) -> None:
        if self.window % self.bucket:
            raise BadInput(
                f"window is {self.window} s, which is not a whole number of buckets of {self.bucket} s.",
                hint="Choose a window that is a multiple of the bucket.",
            )
        if self.rater_command and self.rater_url:
            raise BadInput("rater_command and rater_url are both set.", hint="Choose one rater, and leave one empty.")
        if not _is_loopback(self.host):
            raise BadInput(
                f"host is {self.host!r}, which other machines can reach, and Watchkeeper has no authentication yet.",
                hint="Use 127.0.0.1 and put a reverse proxy that authenticates in front of it.",
            )

    def secret(self) -> str:
        """The webhook's signing key, from its file where there is one. Raises BadInput if the file cannot be read."""
        return _key("webhook_secret_file", self.webhook_secret_file, self.webhook_secret)

    def rater_key(self) -> str:
        """The key that signs what the rater is asked, as `secret` gives the webhook's."""
        return _key("rater_secret_file", self.rater_secret_file, self.rater_secret)

    @property
    def rated(self) -> bool:
        """Whether there is a rater."""
        return bool(self.rater_command or self.rater_url)


def _key(name: str, file: Path | None, given: str) -> str:
    if file is None:
        return given
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{name} {file} cannot be read: {error}.") from error


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


@dataclasses.dataclass(frozen=True)
class Setting:
    """One row of the table of settings."""

    name: str
    kind: str
    default: Any
    help: str
    parse: Callable[[object], Any]

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return ENV_PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")


SETTINGS: dict[str, Setting] = {
    field.name: Setting(
        field.name, field.metadata["kind"], field.default, field.metadata["help"], field.metadata["parse"]
    )
    for field in dataclasses.fields(Settings)
}


def load_settings(
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """The settings in force. `flags` holds what a command was given (None for not given); `file` must exist if named.

    Raises BadInput naming the source, the line where there is one, the setting, and what is allowed.
    """
    environ = environ or {}
    values: dict[str, object] = {}
    for name, value, place in _given(flags or {}, environ, file or _file_of(environ)):
        values[name] = _parse(name, value, place)
    return Settings(**values)  # type: ignore[arg-type]


def _given(
    flags: Mapping[str, object], environ: Mapping[str, str], file: Path | None
) -> Iterator[tuple[str, object, str]]:
    """(name, raw value, place for error texts), from the weakest source to the strongest."""
    if file is not None:
        yield from _read_file(file)
    for variable in sorted(environ):
        if variable.startswith(ENV_PREFIX) and variable != FILE_VARIABLE and not _is_service_link(variable, environ):
            yield variable.removeprefix(ENV_PREFIX).lower(), environ[variable], f"environment variable {variable}"
    for name, value in flags.items():
        if value is not None:
            yield name, value, f"option --{name.replace('_', '-')}"


def _is_service_link(variable: str, environ: Mapping[str, str]) -> bool:
    """Whether Kubernetes set it: a Service named `watchkeeper` gives each pod WATCHKEEPER_PORT=tcp://… and more."""
    return (
        environ[variable].startswith(("tcp://", "udp://"))
        or re.search(r"_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP)", variable) is not None
    )


def _file_of(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get(FILE_VARIABLE):
        return Path(named)
    return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None


def _read_file(file: Path) -> Iterator[tuple[str, object, str]]:
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadInput(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"The settings file {file} is not UTF-8 text (byte {error.start}).") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = str(error).replace("at end of document", f"at the end of the file, line {len(text.splitlines())}")
        hint = 'Lines read name = "value".'
        raise BadInput(f"The settings file {file} is not valid TOML: {what}.", hint=hint) from error
    for name, value in table.items():
        yield name, value, f"{file}, line {_line_of(name, text)}"


def _line_of(name: str, text: str) -> int:
    """The line on which a top-level key or table stands, for error texts only (tomllib keeps no positions)."""
    pattern = re.compile(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[].=]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _parse(name: str, value: object, place: str) -> object:
    setting = SETTINGS.get(name)
    if setting is None:
        near = difflib.get_close_matches(name, SETTINGS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"The settings are {', '.join(SETTINGS)}."
        raise BadInput(f"{place}: there is no setting {name!r}.", hint=hint)
    try:
        return setting.parse(value)
    except ValueError as error:
        shown = "(not shown)" if "secret" in name else repr(value)[:80]
        raise BadInput(f"{place}: {name} is {shown}.", hint=f"It must be {error}.") from error


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for child processes to read the same ones."""
    given = {name: getattr(settings, name) for name in SETTINGS}
    return {SETTINGS[name].variable: str(value) for name, value in given.items() if value is not None}


def describe() -> str:
    """The table of settings in Markdown, as the reference page shows it."""
    lines = ["| setting | kind | default | what it does |", "|---|---|---|---|"]
    for setting in SETTINGS.values():
        default = "" if setting.default in (None, "") else f"`{setting.default}`"
        lines.append(f"| `{setting.name}` | {setting.kind} | {default} | {setting.help} |")
    return "\n".join(lines)
