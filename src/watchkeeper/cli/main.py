"""`watchkeeper`: finds the subcommand, and turns every error a user may see into a text and exit status 2.

A subcommand is imported only when it is called, so `--help` is quick. Whatever goes wrong, the user gets words:
a traceback is a fault of Watchkeeper, is shown as one, and ends with status 70 (EX_SOFTWARE).
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from typing import Any

import click

from watchkeeper.events.errors import WatchkeeperError

BAD_INPUT = 2
FAULT = 70
INTERRUPTED = 130

# Name -> module under `watchkeeper.cli` that has a command of that name, and the line that `--help` shows for it.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Tell a true story with real flights: serve, break, alert, explain."),
    "compare": ("compare", "Compare a table with a reference: what moved, and how much?"),
    "backtest": ("backtest", "Replay your own history: what would have paged, and what truly happened?"),
    "profile": ("profile", "Keep what a table looks like in a small file that adds up and compares."),
    "register": ("register", "Register a version of a model: artifact, reference data, task."),
    "live": ("live", "Choose which version answers for a model."),
    "feedback": ("feedback", "Send the labels of a file to a running server."),
    "labels": ("labels", "Have predictions labelled by people: ask, list, export, send back."),
    "withdraw": ("withdraw", "Take back the labels of one source."),
    "export": ("export", "Write recorded rows with their labels to a Parquet file, for training again."),
    "up": ("up", "Start everything: gateway, watch worker, API and console."),
    "gateway": ("processes", "Run the gateway alone: predictions and feedback."),
    "watch": ("processes", "Run the watch worker alone: from the journal to verdicts and alerts."),
    "console": ("processes", "Run the console alone: pages, control API and metrics."),
    "rater": ("rater", "Have your own program or service give the labels that are asked for."),
}


class Commands(click.Group):
    """The subcommands of COMMANDS, imported one by one when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every name, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself, its module imported."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"watchkeeper.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in `--help`, from COMMANDS alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click has it, with the names there are where a name is not one of them."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}. There are {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and end the process with the right status."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
        except click.ClickException as error:
            error.show()
            sys.exit(BAD_INPUT)
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(INTERRUPTED)
        except WatchkeeperError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(BAD_INPUT)
        except BrokenPipeError:
            # Whoever read our output has gone (`| head`): nothing is wrong, and nothing more can be said.
            sys.stderr.close()
            sys.exit(0)
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
            click.echo(f"Error: {what}.", err=True)
            sys.exit(BAD_INPUT)
        except Exception:  # noqa: BLE001 (the outermost place there is)
            click.echo(traceback.format_exc(), err=True)
            click.echo("Error: this is a fault in Watchkeeper. Please report it with the lines above.", err=True)
            sys.exit(FAULT)
        sys.exit(status if isinstance(status, int) else 0)


_HELP = """Watchkeeper stands watch over machine-learning models in production.

\b
watchkeeper demo       see what it does, with real data
watchkeeper compare    compare two tables, no server needed
watchkeeper register   register a version of your own model
watchkeeper up         serve it and watch it
"""  # \b tells click to keep the lines of the paragraph as they are


@click.group(cls=Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="watchkeeper", message="%(version)s")
def main() -> None:
    """Find the subcommand; `_HELP` is what `--help` shows."""
