"""What `up` hands to its children; the whole is proved in tests/e2e/test_up.py."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.helpers.own_model import registration
from watchkeeper.app.register import register
from watchkeeper.app.up import _address, _answers, _children, _environment, _listens, _models, run_up
from watchkeeper.config import Settings, load_settings
from watchkeeper.events.errors import Conflict
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import open_store
from watchkeeper.supervisor.lock import hold


def test_children_read_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_WINDOW", "2h")
    monkeypatch.setenv("WATCHKEEPER_CONFIG", "gone.toml")
    settings = Settings(data_dir=tmp_path, port=9, window=7200)
    assert load_settings(environ=_environment(settings)) == settings


def test_children_inherit_the_port_and_search_no_working_directory(tmp_path: Path) -> None:
    with socket.socket() as listener:
        children = {child.name: child for child in _children(Settings(data_dir=tmp_path), listener)}
        assert children["gateway"].fds == (listener.fileno(),)
    assert set(children) == {"console", "watch", "gateway"}
    assert all(child.command[1] == "-P" for child in children.values())


def test_a_rater_runs_only_where_one_is_set_up(tmp_path: Path) -> None:
    with socket.socket() as listener:
        children = _children(Settings(data_dir=tmp_path, rater_command="./rate.py"), listener)
    assert [child.name for child in children] == ["console", "watch", "gateway", "rater"]


def test_a_rater_that_is_set_up_no_more_is_not_waited_for(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.heartbeats.beat(Heartbeat(process="rater", pid=1, at=1.0, started_at=0.0))
    _models(Settings(data_dir=tmp_path, rater_url="http://127.0.0.1:1/"))
    assert [beat.process for beat in store.heartbeats.all()] == ["rater"]
    _models(Settings(data_dir=tmp_path))
    assert store.heartbeats.all() == []
    store.close()


def test_models_are_read_for_the_greeting(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assert _models(settings) == ()
    store = open_store(tmp_path / "data")
    register(store, Settings(), registration(tmp_path), now=1.0)
    store.close()
    (line,) = _models(settings)
    assert (line.name, line.version) == ("late", "v1")


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    with hold(tmp_path / "run", "up"), pytest.raises(Conflict, match="Another `watchkeeper up`"):
        run_up(Settings(data_dir=tmp_path), opened=lambda _: None, tell=lambda _: None)


def test_addresses() -> None:
    assert _address(Settings(port=1)) == "http://127.0.0.1:1"
    assert _address(Settings(host="::1", port=1)) == "http://[::1]:1"


def test_what_listens_and_what_answers(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    assert not _listens(path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert _listens(path)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        settings = Settings(port=server.getsockname()[1])
        thread = threading.Thread(target=_answer_once, args=(server,))
        thread.start()
        assert _answers(settings)
        thread.join()
    assert not _answers(settings)


def _answer_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
