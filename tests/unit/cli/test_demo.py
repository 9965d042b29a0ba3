from pathlib import Path

from click.testing import CliRunner

from watchkeeper.cli.demo import demo
from watchkeeper.events.errors import BadInput


def test_help_says_what_the_exit_status_means() -> None:
    answer = CliRunner().invoke(demo, ["--help"])
    assert answer.exit_code == 0
    assert "--once" in answer.output
    assert "0 if every planted break was alarmed" in " ".join(answer.output.split())


def test_a_folder_in_use_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    answer = CliRunner().invoke(demo, ["--once", "--data-dir", str(tmp_path)])
    assert isinstance(answer.exception, BadInput)
