"""Programs of a team's own that label, and some that do everything wrong."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

_HEAD = f"""#!{sys.executable}
import json, os, sys, time
sheet = json.load(sys.stdin)
with open(__file__ + ".asked", "a") as log:
    log.write(json.dumps(sheet) + "\\n")
names = [one["prediction_id"] for one in sheet["requests"]]
def say(labels):
    json.dump({{"labels": labels}}, sys.stdout)
"""

BY_DISTANCE = """
said = {one["prediction_id"]: int(one["inputs"]["distance"] > 1500) for one in sheet["requests"]}
say([{"prediction_id": name, "label": label} for name, label in said.items()])
"""
EXITS = "print('no key', file=sys.stderr); sys.exit(1)"
GARBAGE = "print('I would be happy to label these!')"
SWELLS = "for _ in range(100): sys.stdout.write('x' * 1_000_000)"
HANGS = "time.sleep(99)"
DIES = "sys.stdout.write('{\"labels\": ['); sys.stdout.flush(); os.kill(os.getpid(), 9)"
UNASKED = "say([{'prediction_id': 'p-000009-000001', 'label': 1}] + [{'prediction_id': n, 'label': 1} for n in names])"
WRONG_CLASS = "say([{'prediction_id': n, 'label': 'perhaps' if n == min(names) else 1} for n in names])"
ALL_WRONG = "say([{'prediction_id': n, 'label': 'perhaps'} for n in names])"
SKIPS = "say([{'prediction_id': n} | ({'skip': 'blurred'} if n == min(names) else {'label': 1}) for n in names])"
PASSES_OVER = "say([{'prediction_id': n, 'label': 1} for n in names if n != 'p-000000-000001'] + [{}])"


def program(folder: Path, code: str) -> Path:
    """A program in `folder` that runs `code`; what it is asked is kept beside it, in `.asked`."""
    path = folder / "rate.py"
    path.write_text(_HEAD + code + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def breaks_on(prediction_id: str) -> str:
    """Labels all but one prediction, on which it breaks."""
    return f"\nif {prediction_id!r} in names: sys.exit(9)\nsay([{{'prediction_id': n, 'label': 1}} for n in names])"
