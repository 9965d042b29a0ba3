"""The command finds its subcommands late, and every error ends with a text and the right status."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from watchkeeper.cli import main as module
from watchkeeper.cli.main import BAD_INPUT, COMMANDS, FAULT, INTERRUPTED, main
from watchkeeper.events.errors import Conflict

HEAVY = ("numpy", "pyarrow", "scipy", "sqlalchemy", "fastapi", "plotly", "rich", "uvicorn", "msgspec")


def test_help_names_every_command_and_loads_none() -> None:
    code = (
        "import sys\nfrom watchkeeper.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n"
        f"    sys.exit(end.code or ' '.join(name for name in {HEAVY!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in COMMANDS)


def test_help_begins_with_four_commands_a_line_each() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    assert "\n  watchkeeper compare    compare two tables, no server needed\n" in text
    assert "\\b" not in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0
    assert f"{name} [OPTIONS]" in done.output


def test_version() -> None:
    done = CliRunner().invoke(main, ["--version"])
    assert (done.exit_code, done.output.strip()) == (0, "0.1.0")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "There is no command 'nope'"),
        (["compare"], "Missing argument"),
        (["compare", "--nope"], "No such option"),
        (["register", "m"], "Missing option"),
        (["up", "--port", "x"], "--port: port is 'x'. It must be a whole number"),
        (["up", "--config", "none.toml"], "none.toml cannot be read"),
        (["up", "--host", "0.0.0.0"], "no authentication yet"),
    ],
)
def test_bad_input_is_a_text_and_status_2(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == BAD_INPUT
    assert says in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (Conflict("It is taken.", hint="Choose another."), BAD_INPUT, "Error: It is taken. Choose another."),
        (click.ClickException("no"), BAD_INPUT, "Error: no"),
        (PermissionError(13, "Permission denied", "/root/x"), BAD_INPUT, "Error: /root/x: Permission denied."),
        (OSError("odd"), BAD_INPUT, "Error: odd."),
        (KeyboardInterrupt(), INTERRUPTED, "Stopped."),
        (click.Abort(), INTERRUPTED, "Stopped."),
        (ZeroDivisionError("a bug"), FAULT, "Please report it"),
    ],
)
def test_errors_of_a_command(error: BaseException, status: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def compare() -> None:
        raise error

    monkeypatch.setattr(module.Commands, "get_command", lambda *_: compare)
    done = CliRunner().invoke(main, ["compare"])
    assert done.exit_code == status
    assert says in done.stderr


@pytest.mark.parametrize("status", [0, 1])
def test_a_command_says_its_status(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.Commands, "get_command", lambda *_: click.Command("compare", callback=lambda: status))
    assert CliRunner().invoke(main, ["compare"]).exit_code == status


def test_a_reader_that_has_gone_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m watchkeeper --help | true", shell=True, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
