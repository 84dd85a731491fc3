"""Pre-trains a ModernBERT discriminator on a folder of shards with Hugging Face's Trainer.

    pip install './python[examples]'
    python python/examples/train_modernbert.py SHARDS --out RUN            # 20 steps of a tiny model
    torchrun --nproc-per-node 8 python/examples/train_modernbert.py SHARDS --model FOLDER --steps 100000 --batch-size 64 --out RUN

ELECTRA's task with another architecture: `ModernBertForTokenClassification` tells of each token whether it was replaced. SHARDS may be a URL, such
as s3://bucket/shards. The shards' vocabulary must be the model's.
"""

from __future__ import annotations

import argparse
from typing import Any

import torch
from fast_electra.torch_dataset import ReplayDataset
from fast_electra.trainer import ReplayTrainer, replay_dataset
from transformers import ModernBertConfig, ModernBertForTokenClassification, TrainingArguments


class DiscriminatorTrainer(ReplayTrainer):
    """Two classes a token: original and replaced. Padding is left out of the loss."""

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None) -> Any:
        present = inputs["attention_mask"] == 1
        labels = inputs["labels"].masked_fill(~present, -100)
        output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], labels=labels)
        return (output.loss, output) if return_outputs else output.loss


def new_model(dataset: ReplayDataset) -> ModernBertForTokenClassification:
    header = dataset.batches.header
    special = header.special_tokens
    return ModernBertForTokenClassification(
        ModernBertConfig(
            vocab_size=header.vocabulary_size,
            hidden_size=128,
            intermediate_size=192,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=header.maximum_length,
            pad_token_id=special.padding,
            cls_token_id=special.classification,
            sep_token_id=special.separator,
            bos_token_id=special.classification,
            eos_token_id=special.separator,
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Pre-train a ModernBERT discriminator from shards.")
    parser.add_argument("shards", help="folder of shards, or a URL")
    parser.add_argument("--model", help="Hugging Face folder to start from; left out: a tiny new model")
    parser.add_argument("--out", required=True, help="folder to save the model in")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=16, help="sequences an update and process")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--temperature", default="exponential:2.0:0.1", help="as for `fast-electra train`")
    parser.add_argument("--cpu", action="store_true", help="train on the processor")
    options = parser.parse_args()
    args = TrainingArguments(
        output_dir=options.out,
        max_steps=options.steps,
        per_device_train_batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        warmup_steps=max(1, options.steps // 10),
        weight_decay=0.01,
        logging_steps=max(1, options.steps // 10),
        save_strategy="no",
        report_to=[],
        use_cpu=options.cpu or not torch.cuda.is_available(),
    )
    dataset = replay_dataset(args, options.shards, temperature=options.temperature)
    model = ModernBertForTokenClassification.from_pretrained(options.model) if options.model else new_model(dataset)
    trainer = DiscriminatorTrainer(model=model, args=args, train_dataset=dataset)
    trainer.train()
    trainer.save_model(options.out)


if __name__ == "__main__":
    main()
