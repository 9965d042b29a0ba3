import socket
import subprocess
import sys

import pytest

from watchkeeper.demo.server import HOST, check_port, stop
from watchkeeper.events.errors import BadInput


def test_a_port_in_use_is_refused_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"Port {port}.*--port"):
            check_port(port)
    check_port(port)


def test_stop_ends_a_process_and_is_content_with_one_that_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    stop(process)
    assert process.returncode is not None
    stop(process)
