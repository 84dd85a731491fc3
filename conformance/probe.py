"""Our side of a comparison: the process that computes logits from a Hugging Face folder."""

import json
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build" / "release" / "fast-electra"


class Refusal(Exception):
    """Our program would not take the folder; what it said."""


class Probe:
    """Answers request after request, so that a matrix of models takes one process."""

    def __init__(self):
        self.process = subprocess.Popen(
            [ROOT / ".build" / "release" / "conformance-probe"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.output = tempfile.NamedTemporaryFile(suffix=".f32")

    def logits(self, folder, sequences, positions=None, second_segments=None):
        """At masked positions [positions, vocabulary]; a classifier's, given where each sequence's second text begins (its
        length where nowhere), [sequences · labels]; or else a discriminator's of all tokens [tokens]."""
        request = {"folder": str(folder), "sequences": sequences, "output": self.output.name}
        if positions is not None:
            request["positions"] = positions
        if second_segments is not None:
            request["secondSegments"] = second_segments
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise Refusal(answer or "the probe ended")
        return np.fromfile(self.output.name, dtype="<f4")
