"""Says on standard error how far the work is: a bar on a terminal, elsewhere plain lines for a log."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Optional

STYLES = ("auto", "plain", "bar", "none")


class Progress:
    """`auto`: a bar on a terminal, elsewhere as plain, but nothing about work of a few seconds. `plain`: a line after a few seconds, one
    a minute, one at the end."""

    _FIRST, _INTERVAL = 5.0, 60.0

    def __init__(self, label: str, style: str) -> None:
        self._label = label
        self._bar = style == "bar" or style == "auto" and sys.stderr.isatty()
        self._silent = style == "none"
        self._even_if_short = style == "plain"
        self._start = time.monotonic()
        self._drawn: Optional[float] = None
        self._done = 0
        self._share: Optional[float] = None

    def show(self, done: int, share: Optional[float]) -> None:
        """So many tokens are done, this share of all."""
        self._done, self._share = done, share
        if self._silent:
            return
        now = time.monotonic()
        if self._bar:
            if self._drawn is None or now - self._drawn >= 0.1:
                self._drawn = now
                self._draw(now)
        elif now - (self._start if self._drawn is None else self._drawn) >= (self._FIRST if self._drawn is None else self._INTERVAL):
            self._drawn = now
            print(f"{self._label}: {self._text(now)}", file=sys.stderr, flush=True)

    def finish(self) -> None:
        """Writes a line that stays."""
        now = time.monotonic()
        if self._silent:
            return
        if self._bar:
            if self._drawn is not None:
                self._share = None
                self._draw(now)
                print(file=sys.stderr)
        elif self._even_if_short or now - self._start >= self._FIRST:
            self._share = 1.0
            print(f"{self._label}: {self._text(now)} in all", file=sys.stderr, flush=True)

    def _draw(self, now: float) -> None:
        width = shutil.get_terminal_size().columns - 1
        text = self._text(now)
        cells = min(30, width - len(self._label) - len(text) - 6)
        bar = ""
        if self._share is not None and cells >= 6:
            full = int(self._share * cells)
            bar = f"  [{'=' * full}{' ' * (cells - full)}]"
        print(f"\r{(self._label + bar + '  ' + text)[:width]}\x1b[K", end="", file=sys.stderr, flush=True)

    def _text(self, now: float) -> str:
        seconds = max(now - self._start, 1e-9)
        parts = [f"{self._done:,} tokens", f"{self._done / seconds:,.0f} tokens/s", _time(seconds)]
        if self._share is not None:
            parts.insert(0, f"{int(self._share * 100)} %")
            if 0 < self._share < 1:
                parts.append(f"{_time(seconds * (1 / self._share - 1))} left")
        return ", ".join(parts)


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
