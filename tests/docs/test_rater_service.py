"""The service in the docs answers what a rater is asked."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.docs.test_examples import free_port, option
from watchkeeper.notify.question import Post
from watchkeeper.notify.sender import DeliveryError

PAGE = DOCS / "how-to" / "ask-for-labels.md"


@pytest.mark.e2e
def test_the_service_answers_and_refuses_what_is_not_signed(tmp_path: Path) -> None:
    files = {name: block.text for block in blocks(PAGE) if (name := option(block, "file"))}
    port = free_port()
    for name, text in files.items():
        (tmp_path / name).write_text(text.replace("9000", str(port)))
    with subprocess.Popen([sys.executable, "service.py"], cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        try:
            answer = json.loads(ask(port, "the content of rater.key", files["sheet.json"].encode()))
            with pytest.raises(DeliveryError, match="401"):
                ask(port, "another key", b"{}")
        finally:
            process.kill()
    first, second = answer["labels"]
    assert first["label"] == 1
    assert second["skip"] == "the arrival is not known"


def ask(port: int, secret: str, body: bytes) -> bytes:
    post = Post(f"http://127.0.0.1:{port}/rate", secret=secret, private=True, timeout=10)
    for _ in range(200):
        try:
            return post(body, "k")
        except DeliveryError as error:
            if "reached" not in str(error):
                raise
            time.sleep(0.05)
    raise AssertionError("The service did not start.")
