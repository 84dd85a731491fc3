"""Why shards cannot be generated."""

from __future__ import annotations

from typing import Optional

#: Exit codes, as those of `fast-electra`.
FAILED, USAGE, DATA, INTERRUPTED = 1, 64, 65, 130


class GenerationError(Exception):
    """Has the problem, the place and the remedy. The command exits with `code`."""

    def __init__(self, problem: str, remedy: str, place: Optional[str] = None, code: int = DATA) -> None:
        super().__init__(problem, remedy, place, code)
        self.problem, self.remedy, self.place, self.code = problem, remedy, place, code

    def __str__(self) -> str:
        return f"{self.place + ': ' if self.place else ''}{self.problem}. {self.remedy}"
