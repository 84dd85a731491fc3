"""Makes the golden files of the classifiers' tests with PyTorch and transformers.

For one tiny classifier a family: config.json, the weights, and golden.safetensors with texts, their labels, the logits, the
mean loss, the gradient of every parameter, and loss and gradient norm of 50 updates. Run: python make_classifiers.py (needs
torch, transformers, safetensors).
"""

import pathlib

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

HERE = pathlib.Path(__file__).parent
LABELS = {0: "no", 1: "perhaps", 2: "yes"}
COMMON = dict(
    vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
    max_position_embeddings=24, initializer_range=0.3, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    id2label=LABELS)
EXAMPLES, LONGEST, BATCH, STEPS, WARMUP, PEAK = 24, 18, 4, 50, 5, 5e-4


def examples(padding: int, types: int):
    """Texts and pairs of texts, padded to the longest; a token's type is 1 in the second text of a pair."""
    lengths = torch.randint(3, LONGEST + 1, (EXAMPLES,))
    lengths[0] = LONGEST
    tokens = torch.full((EXAMPLES, LONGEST), padding)
    token_types = torch.zeros_like(tokens)
    for row, length in enumerate(lengths.tolist()):
        tokens[row, :length] = torch.randint(5, 40, (length,))
        if types > 1 and row % 2:
            token_types[row, length // 2:length] = 1
    mask = (torch.arange(LONGEST) < lengths[:, None]).long()
    return tokens, token_types, mask, lengths, torch.randint(0, len(LABELS), (EXAMPLES,))


def run(model, rows, tokens, token_types, mask, labels):
    inputs = dict(input_ids=tokens[rows], attention_mask=mask[rows], labels=labels[rows])
    if getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = token_types[rows]
    return model(**inputs)


def updates(model, data):
    """Batch s is the examples from s · BATCH on, around and around. Warm-up, then linear decay (transformers' schedule)."""
    decayed, others = [], []
    for key, parameter in model.named_parameters():
        (others if key.endswith("bias") or "norm" in key.lower() else decayed).append(parameter)
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.999), eps=1e-6)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (step + 1) / WARMUP if step < WARMUP else (STEPS - step) / (STEPS - WARMUP))
    losses, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = run(model, [(step * BATCH + slot) % EXAMPLES for slot in range(BATCH)], *data).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        losses.append(loss.item())
        optimizer.step()
        schedule.step()
    return torch.tensor(losses), torch.tensor(norms)


def classifier(name: str, model):
    model.eval()
    with torch.no_grad():
        # transformers starts them at 0 and 1, where errors hide.
        for key, parameter in model.named_parameters():
            if key.endswith("bias") or "norm" in key.lower():
                parameter.add_(0.2 * torch.randn_like(parameter))
    folder = HERE / name
    model.save_pretrained(folder)
    tokens, token_types, mask, lengths, labels = examples(
        model.config.pad_token_id, getattr(model.config, "type_vocab_size", 0))
    data = tokens, token_types, mask, labels
    output = run(model, list(range(EXAMPLES)), *data)
    output.loss.backward()
    golden = {"gradient." + key: parameter.grad.contiguous().clone() for key, parameter in model.named_parameters()}
    losses, norms = updates(model, data)
    # Integers as floats, which hold them exactly: the tests read all with the reader of weights.
    save_file(golden | {
        "input_ids": tokens.float(), "token_type_ids": token_types.float(), "lengths": lengths.float(),
        "labels": labels.float(), "logits": output.logits.detach().contiguous(),
        "loss": output.loss.detach().reshape(1), "losses": losses, "norms": norms}, folder / "golden.safetensors")


torch.manual_seed(2026)
classifier("classifier-electra", ElectraForSequenceClassification(ElectraConfig(
    **COMMON, embedding_size=12, hidden_act="relu")))
classifier("classifier-bert", BertForSequenceClassification(BertConfig(**COMMON)))
classifier("classifier-roberta", RobertaForSequenceClassification(RobertaConfig(
    **COMMON, type_vocab_size=1, layer_norm_eps=1e-5)))
classifier("classifier-distilbert", DistilBertForSequenceClassification(DistilBertConfig(
    vocab_size=40, dim=16, n_layers=2, n_heads=2, hidden_dim=24, max_position_embeddings=24, initializer_range=0.3,
    dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0, id2label=LABELS)))
