"""Watchkeeper: serve, record, watch and act, for machine-learning models in production.

`compare(reference=…, current=…)` compares two tables; `backtest(history, …)` replays a history; `detect(name, before,
now)` and `stream(name)` are single detectors. Everything else is a command: see `watchkeeper --help`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchkeeper.backtest.backtest import Backtest, backtest
    from watchkeeper.compare.comparison import Comparison, compare
    from watchkeeper.compare.detect import detect
    from watchkeeper.detectors.streams.named import stream
    from watchkeeper.events.verdict import Verdict
    from watchkeeper.profiles.profile import Profile

    __version__: str

__all__ = [
    "Backtest",
    "Comparison",
    "Profile",
    "Verdict",
    "__version__",
    "backtest",
    "compare",
    "detect",
    "stream",
]

# Looked up at first use, so that `import watchkeeper` loads no numerics, plotting or server package.
_HOMES = {
    "Backtest": "watchkeeper.backtest.backtest",
    "Comparison": "watchkeeper.compare.comparison",
    "Profile": "watchkeeper.profiles.profile",
    "Verdict": "watchkeeper.events.verdict",
    "detect": "watchkeeper.compare.detect",
    "stream": "watchkeeper.detectors.streams.named",
}


class _Package(ModuleType):
    """This module, on which `compare` and `backtest` are always the functions.

    They live in packages of the same names, which the import system would put in their place.
    """

    @property
    def backtest(self) -> Any:
        return import_module("watchkeeper.backtest.backtest").backtest

    @backtest.setter
    def backtest(self, package: ModuleType) -> None:
        pass

    @property
    def compare(self) -> Any:
        return import_module("watchkeeper.compare.comparison").compare

    @compare.setter
    def compare(self, package: ModuleType) -> None:
        pass


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("watchkeeper")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
