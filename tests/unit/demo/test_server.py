import subprocess
import sys

from watchkeeper.demo.server import stop


def test_stop_ends_a_process_and_is_content_with_one_that_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    stop(process)
    assert process.returncode is not None
    stop(process)
