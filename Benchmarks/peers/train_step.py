"""Times training steps of PyTorch + transformers on this machine's processors; one JSON object to stdout.

python train_step.py small --batch-size 32 [--precision bf16] [--joint] [--steps 6]

A step is forward, backward, clipping and AdamW of an `ElectraForPreTraining`, eager. With --joint the generator (4x256, its
embeddings apart) runs and learns as well, its head at masked positions only, as in ELECTRA's own pre-training.
"""

import argparse
import json
import resource
import statistics
import time

import torch
from transformers import ElectraForMaskedLM, ElectraForPreTraining

from shapes import configuration


class Discriminator:
    def __init__(self, name: str, dropout: float) -> None:
        self.model = ElectraForPreTraining(configuration(name, dropout)).train()

    def parameters(self):
        return list(self.model.parameters())

    def loss(self, tokens: torch.Tensor) -> torch.Tensor:
        labels = (torch.rand(tokens.shape) < 0.1).float()
        return self.model(input_ids=tokens, labels=labels).loss


class Joint:
    def __init__(self, name: str, dropout: float) -> None:
        self.discriminator = ElectraForPreTraining(configuration(name, dropout)).train()
        self.generator = ElectraForMaskedLM(configuration("4x256", dropout)).train()

    def parameters(self):
        return list(self.discriminator.parameters()) + list(self.generator.parameters())

    def loss(self, tokens: torch.Tensor) -> torch.Tensor:
        masked = torch.rand(tokens.shape) < 0.15
        inputs = torch.where(masked, torch.full_like(tokens, 4), tokens)
        hidden = self.generator.electra(input_ids=inputs).last_hidden_state[masked]
        logits = self.generator.generator_lm_head(self.generator.generator_predictions(hidden)).float()
        generator_loss = torch.nn.functional.cross_entropy(logits, tokens[masked])
        with torch.no_grad():
            noise = -torch.log(-torch.log(torch.rand_like(logits).clamp_(1e-9, 1 - 1e-7)))
            drawn = (logits + noise).argmax(-1)
        replaced = tokens.clone()
        replaced[masked] = drawn
        labels = (replaced != tokens).float()
        return generator_loss + 50 * self.discriminator(input_ids=replaced, labels=labels).loss


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("shape")
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--joint", action="store_true")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    task = (Joint if options.joint else Discriminator)(options.shape, options.dropout)
    optimizer = torch.optim.AdamW(task.parameters(), lr=5e-4, eps=1e-6, weight_decay=0.01)
    vocabulary = configuration(options.shape, 0).vocab_size
    seconds = []
    for _ in range(options.steps + 1):
        tokens = torch.randint(5, vocabulary, (options.batch_size, options.length))
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            loss = task.loss(tokens)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - start)
    # The first step allocates.
    rate = options.batch_size * options.length / statistics.median(seconds[1:])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"tokens_per_second": rate, "peak_bytes": memory, "version": torch.__version__}))


if __name__ == "__main__":
    main()
