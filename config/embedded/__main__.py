"""`python -m config.embedded MODULE …`: run a module with the servers up."""

import runpy
import sys

from config.embedded import servers

with servers():
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
