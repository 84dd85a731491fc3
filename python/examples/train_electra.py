"""Trains Hugging Face's ElectraForPreTraining on a folder of fast-electra's shards.

    pip install './python[examples]'
    python python/examples/train_electra.py SHARDS                        # 20 steps of a tiny model
    python python/examples/train_electra.py SHARDS --model FOLDER --steps 10000 --batch-size 128 --out RUN

Runs on a GPU if there is one. Under `torchrun --nproc-per-node N` each process takes its part of the shards.
"""

from __future__ import annotations

import argparse
import os
import time

import torch
import torch.distributed as distributed
from fast_electra.torch_dataset import ReplayDataset
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from transformers import ElectraConfig, ElectraForPreTraining


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train ElectraForPreTraining from shards.")
    parser.add_argument("shards", help="folder of shards, from `fast-electra generate`")
    parser.add_argument("--model", help="Hugging Face folder of a discriminator to start from; left out: a tiny new one")
    parser.add_argument("--out", help="folder to save the model in")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=16, help="sequences an update and process")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--temperature", default="exponential:2.0:0.1", help="as for `fast-electra train`")
    parser.add_argument("--workers", type=int, default=0, help="processes that read shards")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def new_model(dataset: ReplayDataset) -> ElectraForPreTraining:
    header = dataset.batches.header
    return ElectraForPreTraining(
        ElectraConfig(
            vocab_size=header.vocabulary_size,
            embedding_size=64,
            hidden_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=512,
            max_position_embeddings=header.maximum_length,
            pad_token_id=header.special_tokens.padding,
        )
    )


def main() -> None:
    options = arguments()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if "RANK" in os.environ:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
    torch.manual_seed(options.seed)

    # Rank and world size are those of the process group, if there is one.
    dataset = ReplayDataset(
        options.shards,
        batch_size=options.batch_size,
        temperature=options.temperature,
        seed=options.seed,
        total_batches=options.steps,
    )
    loader = DataLoader(
        dataset, batch_size=None, num_workers=options.workers, persistent_workers=options.workers > 0,
        pin_memory=device.type == "cuda",
    )  # fmt: skip
    model = ElectraForPreTraining.from_pretrained(options.model) if options.model else new_model(dataset)
    model.to(device)  # type: ignore[arg-type,unused-ignore]
    model.train()
    wrapped = DistributedDataParallel(model) if distributed.is_initialized() else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=0.01)
    warmup = max(1, options.steps // 10)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, (options.steps - step) / max(1, options.steps - warmup))
    )

    step, started = 0, time.monotonic()
    while step < options.steps:
        epoch, start = divmod(step, len(dataset.batches))
        dataset.set_epoch(epoch, start)
        for batch in loader:
            output = wrapped(**{name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()})
            optimizer.zero_grad()
            output.loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            rate.step()
            step += 1
            if dataset.batches.rank == 0 and (step % max(1, options.steps // 10) == 0 or step == options.steps):
                temperature = dataset.batches.temperature_of(*divmod(step - 1, len(dataset.batches)))
                seconds = time.monotonic() - started
                print(f"step {step}  T {temperature:.3f}  loss {output.loss.item():.4f}  {seconds:.1f} s", flush=True)
            if step == options.steps:
                break
    if options.out and dataset.batches.rank == 0:
        model.save_pretrained(options.out)
    if distributed.is_initialized():
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
