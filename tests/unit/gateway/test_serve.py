from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from tests.helpers.serving import gateway, infer_json, recorded_rows, running
from watchkeeper.events.errors import BadInput
from watchkeeper.gateway.serve import Address, Periodic, bind, serve
from watchkeeper.journal.memory import MemoryJournal


def test_a_taken_port_is_told_in_words() -> None:
    with bind(Address(port=0)) as listener, pytest.raises(BadInput, match="choose one with --port"):
        bind(Address(port=listener.getsockname()[1]))


def test_a_unix_socket_left_by_a_dead_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "gateway.sock"
    bind(Address(uds=path)).close()
    with bind(Address(uds=path)) as listener:
        assert listener.family == socket.AF_UNIX
    with pytest.raises(BadInput, match="Cannot listen"):
        bind(Address(uds=tmp_path / "none" / "gateway.sock"))


def test_it_serves_over_a_socket_and_records_before_it_ends() -> None:
    journal = MemoryJournal()
    with running(gateway(journal)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        answer = client.post("/v2/models/m/infer", content=infer_json([[1, 2]]))
        assert answer.status_code == 200
        assert "server" not in answer.headers
    assert len(recorded_rows(journal)) == 1


def test_periodic_tasks_run_and_outlive_their_errors(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        closed: list[bool] = []

        def task() -> None:
            calls.append(1)
            if len(calls) == 3:
                loop.call_soon_threadsafe(stop.set)
            raise RuntimeError("it always fails")

        async def close() -> None:
            closed.append(True)

        listener = bind(Address(port=0))
        serving = asyncio.ensure_future(
            serve(gateway(), listener, tasks=[Periodic(0.01, task)], on_close=[close], stop=stop)
        )
        await serving
        assert len(calls) >= 3
        assert closed == [True]

    asyncio.run(scenario())
    assert "A periodic task failed" in caplog.text
