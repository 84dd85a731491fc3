"""The settings of a run that decide its result: a run that goes on with other values is refused."""

from __future__ import annotations

import json
import os
from typing import Dict

from ..durable import write
from .errors import USAGE, GenerationError

NAME = "run.json"
COMMAND = "fast_electra.generate"


def begun(folder: str) -> bool:
    """Whether a run has begun in the folder."""
    return os.path.exists(os.path.join(folder, NAME))


def made_by_program(folder: str) -> bool:
    """Whether this package or `fast-electra` has begun something in the folder: other programs have files of that name, too."""
    try:
        with open(os.path.join(folder, NAME), "rb") as file:
            values = json.load(file)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(values, dict) and "command" in values


def refuse_foreign(folder: str) -> None:
    """Refuses a folder that has files and no run."""
    if begun(folder) or not os.path.isdir(folder):
        return
    foreign = [one for one in os.listdir(folder) if not one.startswith((".", NAME, "claim.json")) and one != "lost+found"]
    if foreign:
        raise GenerationError(
            f"this folder has no {NAME}, but it has other files ({', '.join(sorted(foreign)[:3])})",
            "Name a new folder or an empty one", folder, USAGE,
        )


def bind(folder: str, values: Dict[str, str]) -> None:
    """Compares with the parameters that the folder was begun with, or writes these down where nothing was begun."""
    path = os.path.join(folder, NAME)
    values = {**values, "command": COMMAND}
    if begun(folder):
        try:
            with open(path, encoding="utf-8") as file:
                before = dict(json.load(file))
        except (ValueError, TypeError) as error:
            raise GenerationError("what this was begun with cannot be read", "Begin anew in another folder", path) from error
        if before.get("command") != COMMAND:
            raise GenerationError(
                f"this was begun by the command '{before.get('command')}', not by '{COMMAND}'", "Name another folder", path, USAGE
            )
        for name in sorted({*before, *values}):
            if before.get(name) != values.get(name):
                raise GenerationError(
                    f"this was begun with {name} {before.get(name, 'unset')}, now it is {values.get(name, 'unset')}",
                    "Give the former value to continue, or another folder to begin anew", path, USAGE,
                )
        return
    refuse_foreign(folder)
    write(path, (json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())
