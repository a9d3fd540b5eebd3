"""Where the parts of the engine lie, and the Deno that hosts them."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STATIC = ROOT / "static"
PYODIDE = STATIC / "vendor" / "pyodide-0.27.7"

# Nothing is fetched, asked for, compiled from text or kept; what may be read is said at each start.
FLAGS = [
    "--no-prompt",
    "--cached-only",
    "--no-remote",
    "--no-npm",
    "--no-config",
    "--no-lock",
    "--no-code-cache",
    "--v8-flags=--disallow-code-generation-from-strings",
]
ENVIRONMENT = {"DENO_DIR": "/dev/null/none", "NO_COLOR": "1"}


class EngineFault(Exception):
    """The engine did not work. Nothing is said about the answer."""


def deno() -> str:
    """The path of the binary. Raises EngineFault where there is none: not every platform has a wheel."""
    try:
        from deno import find_deno_bin

        return str(find_deno_bin())
    except (ImportError, FileNotFoundError) as error:
        raise EngineFault("Deno is not installed here.") from error


def runner(*arguments: str, may_read: list[Path], may_write: Path | None = None) -> list[str]:
    """The command line of runner.js."""
    reads = ",".join(map(str, [STATIC / "vendor", STATIC / "js" / "running", HERE, *may_read]))
    writes = [f"--allow-write={may_write}"] if may_write else []
    return [deno(), "run", *FLAGS, f"--allow-read={reads}", *writes, str(HERE / "runner.js"), *arguments]
