"""Commands run as somebody whom rights of files bind, whoever runs the tests."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all")
"""Root has no more rights under it than its files grant; util-linux has it."""


def bound_run(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ankillm in a folder."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [*(BOUND if root else ()), sys.executable, "-m", "ankillm", *arguments]
    given = os.environ | {"PYTHONUTF8": "1"} | dict(environment or {})
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=60)
