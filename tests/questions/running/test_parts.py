"""The parts that are not ours: exactly what VERSION says, and what happens when one is missing."""

import hashlib
import json
import re

import deno
import pytest

from questions.running import parts, sandbox, snapshot

NUMPY = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl"


def listed() -> dict[str, str]:
    lines = (parts.PYODIDE / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_every_vendored_file_is_the_one_that_was_taken():
    found = {path.name for path in parts.PYODIDE.iterdir()} - {"SHA256SUMS"}
    assert found == set(listed())  # in particular no package.json: Deno would take the scripts for CommonJS
    for name, digest in listed().items():
        assert hashlib.sha256((parts.PYODIDE / name).read_bytes()).hexdigest() == digest, name


def test_numpy_is_the_one_that_pyodide_itself_names():
    packages = json.loads((parts.PYODIDE / "pyodide-lock.json").read_text())["packages"]
    assert packages["numpy"]["file_name"] == NUMPY
    assert packages["numpy"]["sha256"] == listed()[NUMPY]


def test_no_script_points_to_a_source_map():
    for path in parts.PYODIDE.glob("*.*js"):
        assert "sourceMappingURL=" not in path.read_text(errors="replace")[-200:], path.name


def run() -> sandbox.Run:
    return sandbox.run_program("", [{"expression": "1"}], packages=[], seconds=1)


def test_a_missing_deno_is_our_fault(monkeypatch):
    def nowhere():
        raise FileNotFoundError

    monkeypatch.setattr(deno, "find_deno_bin", nowhere)
    with pytest.raises(parts.EngineFault, match="Deno is not installed"):
        run()


def test_a_missing_snapshot_is_our_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(snapshot, "FOLDER", tmp_path)
    with pytest.raises(parts.EngineFault, match="missing"):
        run()


def test_a_damaged_snapshot_is_our_fault(monkeypatch, tmp_path):
    whole = snapshot.path()
    monkeypatch.setattr(snapshot, "FOLDER", tmp_path)
    damaged = bytearray(whole.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    snapshot.path().write_bytes(damaged)
    snapshot.checksum_path(snapshot.path()).write_text(snapshot.checksum_path(whole).read_text())
    with pytest.raises(parts.EngineFault, match="damaged"):
        run()


def test_a_process_that_never_gets_ready_is_our_fault(monkeypatch, tmp_path):
    (tmp_path / "false").symlink_to("/bin/false")
    monkeypatch.setattr(deno, "find_deno_bin", lambda: tmp_path / "false")
    with pytest.raises(parts.EngineFault, match="did not start"):
        run()


def test_the_snapshot_is_named_by_what_it_was_made_from(monkeypatch, tmp_path):
    (tmp_path / "runner.js").write_text("another")
    before = snapshot.path()
    monkeypatch.setattr(parts, "HERE", tmp_path)
    assert snapshot.path() != before


def test_pyodide_is_cached_for_ever_under_its_plain_names(settings):
    is_kept = re.compile(settings.WHITENOISE_IMMUTABLE_FILE_TEST).search
    assert is_kept("/static/vendor/pyodide-0.27.7/pyodide.mjs")
    assert is_kept("/static/js/site.0123456789ab.js")
    assert not is_kept("/static/js/site.js")
