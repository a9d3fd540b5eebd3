"""Do the cases of a code question part right from wrong?

    ./dev bench mistakes [SLUG …]      exit status 1 where they do not; about a second of CPU for each question

`benchmarks/mistakes/<slug>.yaml` holds `right`, a program written in another way than the solution, which has to pass,
and `wrong`: changes of the solution, each with why it is wrong, which have to fail.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks._site import say  # noqa: E402
from questions import catalog_files, strict_yaml  # noqa: E402
from questions.formats import code  # noqa: E402

FOLDER = Path(__file__).parent / "mistakes"
SHAPE = {"right": str, "wrong": [{"why": str, "changes": [{"from": str, "to?": str}]}]}


def main() -> int:
    entries = {entry["slug"]: entry for entry in catalog_files.read().questions if entry["format"] == "code"}
    slugs = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.yaml"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda slug: complaints(entries[slug]), slugs))
    for slug, said in zip(slugs, found, strict=True):
        for complaint in said:
            say(f"{slug}: {complaint}")
    say(f"{len(slugs)} questions, {sum(map(bool, found))} with complaints")
    return int(any(found))


def complaints(entry: dict) -> list[str]:
    given = strict_yaml.read(FOLDER / f"{entry['slug']}.yaml")
    if faults := list(strict_yaml.shape_faults(given, SHAPE)):
        return [f"{path} {why}" for path, why in faults]
    rules = code.FORMAT.content_from(entry)["answer"]
    stale = [wrong["why"] for wrong in given["wrong"] if changed(rules["solution"], wrong) == rules["solution"]]
    programs = [given["right"], *(changed(rules["solution"], wrong) for wrong in given["wrong"])]
    right, *wrong = code.judged_together(rules, programs)
    return [
        *(f"“{why}” changes nothing in the solution" for why in stale),
        *([f"the right program does not load: {right[0]['said']}"] if right[0] else []),
        *(f"the right program fails “{case['name']}”: {case['said']}" for case in right[1] if not case["passed"]),
        *(f"“{one['why']}” passes" for one, run in zip(given["wrong"], wrong, strict=True) if passes(run)),
        *(f"“{one['why']}” does not load" for one, run in zip(given["wrong"], wrong, strict=True) if run[0]),
    ]


def changed(solution: str, wrong: dict) -> str:
    for change in wrong["changes"]:
        solution = solution.replace(change["from"], change.get("to", ""))
    return solution


def passes(run: code.Judged) -> bool:
    return all(case["passed"] for case in run[1])


if __name__ == "__main__":
    sys.exit(main())
