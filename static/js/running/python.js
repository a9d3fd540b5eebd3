// CPython in WebAssembly (Pyodide): one engine for the page's worker and for the process that scores.
// The folder is `static/vendor/pyodide-…/`, with a slash at its end.

// 64 KiB each. Past them Python raises MemoryError, here as there.
const MOST_PAGES = 4096;
const NUMPY = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl";
const INTERRUPT = 2;
// What was interrupted and goes on regardless is interrupted again after so long.
const AGAIN_MS = 250;

function limitMemory() {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (descriptor) {
    return new Memory({ ...descriptor, maximum: Math.min(descriptor.maximum ?? MOST_PAGES, MOST_PAGES) });
  };
}

// Pyodide looks at element 0 of its interrupt buffer every few steps of the interpreter: here that is a look at the
// clock, so that no second thread is needed to stop a program. `cpuMs` may be slow, so it is asked only when the wall
// clock says that the time could be over.
function watch(cpuMs) {
  const now = performance.now.bind(performance);
  let isOn = false;
  let wallStart = 0;
  let cpuStart = 0;
  let wallEnd = 0;
  let cpuEnd = 0;
  return {
    start(seconds) {
      isOn = true;
      wallStart = now();
      cpuStart = cpuMs();
      wallEnd = wallStart + 1000 * seconds;
      cpuEnd = cpuStart + 1000 * seconds;
    },
    // Gives the seconds since the start. The compiler's threads count as CPU, too, so that the wall clock may say less.
    stop() {
      isOn = false;
      return Math.min(now() - wallStart, cpuMs() - cpuStart) / 1000;
    },
    buffer: {
      get 0() {
        if (!isOn || now() < wallEnd) return 0;
        const left = cpuEnd - cpuMs();
        if (left > 0) {
          wallEnd = now() + left;
          return 0;
        }
        wallEnd = now() + AGAIN_MS;
        return INTERRUPT;
      },
      set 0(value) {},
    },
  };
}

async function bytes(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

// `snapshot`: the memory of an interpreter that has started before. `says` hears what is being loaded.
export async function load({ folder, snapshot, isForSnapshot = false, packages = [], cpuMs, says = () => {} }) {
  limitMemory();
  says("Python");
  const wheel = packages.includes("numpy") ? bytes(folder + NUMPY) : null;
  const { loadPyodide } = await import(`${folder}pyodide.mjs`);
  const python = await loadPyodide({
    indexURL: folder,
    env: { HOME: "/tmp", PYTHONHASHSEED: "0" },
    jsglobals: {},
    stdin: () => null,
    stdout: () => {},
    stderr: () => {},
    ...(snapshot && { _loadSnapshot: snapshot }),
    ...(isForSnapshot && { _makeSnapshot: true }),
  });
  if (wheel) {
    says("NumPy");
    python.unpackArchive(await wheel, "whl");
  }
  return new Engine(python, watch(cpuMs ?? performance.now.bind(performance)));
}

class Engine {
  constructor(python, watch) {
    this.python = python;
    this.watch = watch;
    this.stop = () => watch.stop();
    python.setInterruptBuffer(watch.buffer);
  }

  // The names of a Python source, in a namespace of its own.
  module(source, filename) {
    const names = this.python.globals.get("dict")();
    this.python.runPython(source, { globals: names, filename });
    return names;
  }

  // Once: the harness, and the modules that the program may use.
  prepare(harness, packages) {
    this.harness = this.module(harness, "harness.py");
    this.harness.get("prepare")(this.python.toPy(packages));
  }

  // Both give a line of JSON, see questions/running/harness.py.
  loadProgram(code, seconds) {
    return this.watched("load", code, seconds);
  }

  // A case is JSON as Python writes it: it may hold a NaN, so nothing here reads it.
  runCase(kase, seconds) {
    return this.watched("run", kase, seconds);
  }

  watched(name, argument, seconds) {
    const run = this.harness.get(name);
    this.watch.start(seconds);
    try {
      return run(argument, this.stop);
    } finally {
      this.watch.stop();
    }
  }
}
