"""The machine and the versions that figures were measured with: no figure is worth anything without them."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import psutil

PACKAGES = ("numpy", "pyarrow", "scikit-learn", "onnxruntime", "scipy", "uvicorn", "uvloop", "pandas")


def describe() -> str:
    """One paragraph: processor, cores, memory, system, Python, packages and load at the start."""
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = os.getloadavg()[0]
    return (
        f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {versions}. Load average at the start {load:.2f}."
    )


def processor() -> str:
    """The processor's name, as Linux tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def version(package: str) -> str:
    """The installed version of a package, or a dash."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "–"
