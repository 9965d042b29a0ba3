from __future__ import annotations

from tests.helpers.asgi import Asker
from tests.helpers.seed import NOW
from watchkeeper.api.context import Context
from watchkeeper.console.app import console_app


def test_processes_balance_and_losses(asker: Asker) -> None:
    text = asker.page("/health").text
    assert "Nothing to do." in text
    assert "the sum holds" in text
    assert "buffer full" in text
    assert "12.5 s" in text


def test_silence_is_told(context: Context) -> None:
    text = Asker(console_app(context.store, now=lambda: NOW + 100)).page("/health").text
    assert "The watch process gives no sign of life" in text
    assert text.count(">silent</span>") == 3
