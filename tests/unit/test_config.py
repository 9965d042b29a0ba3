"""Settings come from one table; whatever is wrong is named with its place and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.config import (
    SETTINGS,
    Capture,
    Settings,
    as_environment,
    describe,
    load_settings,
)
from watchkeeper.events.errors import BadInput


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = load_settings()
    assert settings == Settings()
    assert (settings.host, settings.port, settings.bucket) == ("127.0.0.1", 8080, 60)


def test_flag_beats_environment_beats_file(tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    file.write_text('port = 1\nwindow = "1h"\nlateness = "5m"\n')
    settings = load_settings({"port": 3, "window": None}, {"WATCHKEEPER_PORT": "2", "WATCHKEEPER_WINDOW": "2h"}, file)
    assert (settings.port, settings.window, settings.lateness) == (3, 7200, 300)


def test_file_in_working_directory_is_read() -> None:
    Path("watchkeeper.toml").write_text("port = 9")
    assert load_settings().port == 9


def test_file_named_in_environment_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("port = 9")
    assert load_settings(environ={"WATCHKEEPER_CONFIG": str(tmp_path / "x.toml")}).port == 9


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port = ", "line 1"),
        ("port = 80\nprot = 81", "line 2: there is no setting 'prot'. Did you mean 'port'?"),
        ("\nport = 'x'", "line 2: port is 'x'. It must be a whole number from 0 to 65535"),
        ("port = 70000", "from 0 to 65535"),
        ("port = true", "a whole number"),
        ("port = 1.5", "a whole number"),
        ("data_dir = 3", "a path in quotes"),
        ("data_dir = ''", "a path in quotes"),
        ("window = '1y'", "a duration"),
        ("window = -1", "a duration"),
        ("window = 0", "greater than 0"),
        ("window = '90s'", "whole number of buckets"),
        ("max_body_bytes = '1TB'", "a size"),
        ("capture = 'maybe'", "one of fast, durable, off"),
        ("log_level = 7", "one of debug"),
        ("webhook_url = 'ftp://x'", "http:// or https://"),
        ("webhook_url = 'http://user@x/'", "without user name"),
        ("webhook_url = 3", "http:// or https://"),
        ("webhook_private = 'perhaps'", "true or false"),
        ("webhook_secret = 5", "webhook_secret is (not shown)"),
        ("host = '0.0.0.0'", "no authentication yet"),
        ("host = '127.evil.example'", "no authentication yet"),
        ("[models.x]\nwindow = 1", "line 1: there is no setting 'models'"),
        ("port = 1\nport = 2", "not valid TOML"),
    ],
)
def test_wrong_file_is_explained(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "w.toml"
    file.write_text(text)
    with pytest.raises(BadInput) as error:
        load_settings(file=file)
    assert says in str(error.value)


def test_unreadable_files_are_explained(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_settings(file=tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"port = '\xff'")
    with pytest.raises(BadInput, match="not UTF-8"):
        load_settings(file=tmp_path / "b.toml")


def test_wrong_environment_is_explained() -> None:
    with pytest.raises(BadInput, match="environment variable WATCHKEEPER_PROT: there is no setting 'prot'"):
        load_settings(environ={"WATCHKEEPER_PROT": "1", "HOME": "/"})


def test_wrong_flag_is_explained() -> None:
    with pytest.raises(BadInput, match="option --data-dir"):
        load_settings({"data_dir": ""})


def test_variables_that_kubernetes_sets_are_not_ours() -> None:
    environ = {
        "WATCHKEEPER_PORT": "tcp://10.0.0.1:80",
        "WATCHKEEPER_SERVICE_HOST": "10.0.0.1",
        "WATCHKEEPER_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert load_settings(environ=environ).port == 8080


def test_children_read_the_same_settings(tmp_path: Path) -> None:
    settings = load_settings({"data_dir": tmp_path, "window": "2h", "capture": "durable", "webhook_private": False})
    assert settings.capture is Capture.DURABLE
    assert load_settings(environ=as_environment(settings)) == settings


def test_secret_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3\n")
    assert Settings(webhook_secret_file=tmp_path / "key").secret() == "s3"
    assert Settings(webhook_secret="plain").secret() == "plain"
    with pytest.raises(BadInput, match="webhook_secret_file"):
        Settings(webhook_secret_file=tmp_path / "none").secret()


def test_a_rater_is_a_command_or_an_address_and_its_key_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('rater_command = ["python", "rate it.py"]\nrater_check = "5 %"')
    made = load_settings(file=tmp_path / "w.toml")
    assert (made.rater_command, made.rater_check, made.rated) == ("python 'rate it.py'", 0.05, True)
    assert not Settings().rated
    with pytest.raises(BadInput, match="both set"):
        Settings(rater_command="a", rater_url="http://127.0.0.1/")
    (tmp_path / "key").write_text("s3\n")
    assert Settings(rater_secret_file=tmp_path / "key").rater_key() == "s3"


@pytest.mark.parametrize(("given", "share"), [("5%", 0.05), ("0.05", 0.05), (1, 1.0), ("0 %", 0.0), ("1e-06", 1e-6)])
def test_shares(given: object, share: float) -> None:
    made = load_settings({"rater_check": given})
    assert made.rater_check == share
    assert load_settings(environ=as_environment(made)) == made


@pytest.mark.parametrize(
    ("name", "value"),
    [("rater_check", text) for text in ("nan", "2", "101%", "", "x", True)]
    + [("rater_command", text) for text in ("'", 5, [5])],
)
def test_what_is_no_share_and_no_command_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadInput, match=name):
        load_settings({name: value})


def test_table_names_every_setting() -> None:
    table = describe()
    assert all(f"`{name}`" in table and setting.help in table for name, setting in SETTINGS.items())
    assert SETTINGS["data_dir"].flag == "--data-dir"
