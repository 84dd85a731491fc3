"""Times ONNX Runtime's bare forward pass of a masked language model; one JSON object to stdout.

python onnx_forward.py 4x256 --threads 2

The head is computed at masked positions only. Nothing is tokenized, drawn, distilled or written.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path

import numpy
import onnxruntime
import torch
from transformers import ElectraForMaskedLM

from shapes import configuration


class AtMaskedPositions(torch.nn.Module):
    def __init__(self, model: ElectraForMaskedLM) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        hidden = self.model.electra(input_ids=tokens).last_hidden_state.flatten(0, 1)[rows]
        return self.model.generator_lm_head(self.model.generator_predictions(hidden))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("shape")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--attention", choices=["eager", "sdpa"], default="eager")
    options = parser.parse_args()
    torch.manual_seed(1)
    shape = configuration(options.shape, 0.0)
    shape._attn_implementation = options.attention
    module = AtMaskedPositions(ElectraForMaskedLM(shape).eval())
    count = options.batch_size * options.length
    tokens = torch.randint(5, shape.vocab_size, (options.batch_size, options.length))
    rows = torch.randperm(count)[: int(0.15 * count)].sort().values
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.onnx")
        torch.onnx.export(
            module, (tokens, rows), path, input_names=["tokens", "rows"], dynamo=True, verbose=False, external_data=False
        )
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    feed = {"tokens": tokens.numpy(), "rows": rows.numpy()}
    expected = module(tokens, rows).detach().numpy()
    assert numpy.abs(session.run(None, feed)[0] - expected).max() < 1e-3
    seconds = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        session.run(None, feed)
        seconds.append(time.perf_counter() - start)
    print(
        json.dumps(
            {
                "tokens_per_second": count / statistics.median(seconds),
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "version": onnxruntime.__version__,
            }
        )
    )


if __name__ == "__main__":
    main()
