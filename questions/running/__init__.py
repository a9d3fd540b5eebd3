"""Code and SQL that candidates write, executed: in the page by *Run*, and in a worker for the score.

Both load the same WebAssembly. `sandbox` starts the process and reads what comes back; `runner.js` is that process;
`harness.py` runs inside its Python, `judging.py` compares, and both of these are loaded by the page's worker, too.
"""
