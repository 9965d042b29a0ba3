"""Command-line options made from the table of settings, so that a flag, its help and its check are declared once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from watchkeeper.config import SETTINGS, Settings, load_settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def settings_options(*names: str) -> Callable[[_Command], _Command]:
    """Add `--config` and the flags of the named settings; values stay text until `settings_from` checks them."""

    def decorate(command: _Command) -> _Command:
        for name in reversed(names):
            setting = SETTINGS[name]
            text = f"{setting.help} Default: {setting.default}." if setting.default not in (None, "") else setting.help
            command = click.option(setting.flag, name, metavar=setting.kind.upper(), help=text)(command)
        return click.option(
            "--config",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Settings file. Default: watchkeeper.toml in the current directory, if there is one.",
        )(command)

    return decorate


def settings_from(config: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings in force for a command that was given `flags`."""
    known = {name: value for name, value in flags.items() if name in SETTINGS}
    return load_settings(known, os.environ, config)
