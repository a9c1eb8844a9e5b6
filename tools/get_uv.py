"""Bring uv into `.tools`, with nothing but the Python standard library.

Debian's bare Python has neither pip nor ensurepip, so this reads PyPI's simple index itself,
takes the wheel for this machine, and checks it against the hash that the index names.
"""

import hashlib
import json
import os
import platform
import stat
import sys
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

VERSION = "0.13.9"
INDEX = os.environ.get("PYPI_SIMPLE", "https://pypi.org/simple")
TARGET = Path(__file__).parent.parent / ".tools" / "bin" / "uv"


def fetch(url: str, accept: str = "*/*") -> bytes:
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "get-uv"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
        return bytes(response.read())


def wheel_suffix() -> str:
    machine = platform.machine().lower()
    if sys.platform == "darwin":
        return {"arm64": "macosx_11_0_arm64.whl", "x86_64": "macosx_10_12_x86_64.whl"}[machine]
    return {
        "x86_64": "manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "aarch64": "manylinux_2_28_aarch64.whl",
    }[machine]


def main() -> None:
    if TARGET.exists():
        return
    page = json.loads(fetch(f"{INDEX}/uv/", "application/vnd.pypi.simple.v1+json"))
    wanted = [
        f
        for f in page["files"]
        if f["filename"].startswith(f"uv-{VERSION}-") and f["filename"].endswith(wheel_suffix())
    ]
    if not wanted:
        sys.exit(
            f"PyPI has no uv {VERSION} for this machine; put a uv binary at {TARGET} and run make again."
        )
    wheel = fetch(wanted[0]["url"])
    if hashlib.sha256(wheel).hexdigest() != wanted[0]["hashes"]["sha256"]:
        sys.exit("The uv wheel does not match the hash that PyPI names; nothing was installed.")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        part = TARGET.with_suffix(".part")
        part.write_bytes(archive.read(f"uv-{VERSION}.data/scripts/uv"))
        part.chmod(part.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        part.rename(TARGET)


if __name__ == "__main__":
    main()
