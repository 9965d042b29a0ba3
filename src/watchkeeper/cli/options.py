"""Command-line options made from the table of settings, so that a flag, its help and its check are declared once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from watchkeeper.config import SETTINGS, Setting, Settings, load_settings

_UNITS: dict[str, tuple[tuple[str, int], ...]] = {
    "duration": (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)),
    "size": (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)),
}

_Command = TypeVar("_Command", bound=Callable[..., Any])


def settings_options(*names: str) -> Callable[[_Command], _Command]:
    """Add `--config` and the flags of the named settings; values stay text until `settings_from` checks them."""

    def decorate(command: _Command) -> _Command:
        for name in reversed(names):
            setting = SETTINGS[name]
            text = setting.help if setting.default in (None, "") else f"{setting.help} Default: {_default(setting)}."
            command = click.option(setting.flag, name, metavar=setting.kind.upper(), help=text)(command)
        return click.option(
            "--config",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Settings file. Default: watchkeeper.toml in the current directory, if there is one.",
        )(command)

    return decorate


def _default(setting: Setting) -> str:
    """The default as a user would write it: `30d`, `64MiB`, `yes`."""
    value = setting.default
    if isinstance(value, bool):
        return "yes" if value else "no"
    for unit, size in _UNITS.get(setting.kind, ()):
        if value % size == 0:
            return f"{value // size}{unit}"
    return str(value)


def settings_from(config: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings in force for a command that was given `flags`."""
    known = {name: value for name, value in flags.items() if name in SETTINGS}
    return load_settings(known, os.environ, config)
