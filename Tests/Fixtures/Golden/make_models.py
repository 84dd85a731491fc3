"""Makes the golden files of the encoder tests with PyTorch and transformers.

For one tiny model a kind: config.json, the weights, and golden.safetensors with the inputs, logits, loss and the gradient
of every parameter. Run: python make_models.py (needs torch, transformers, safetensors).
"""

import json
import pathlib

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    RobertaConfig,
    RobertaForMaskedLM,
)

HERE = pathlib.Path(__file__).parent
LENGTHS = [17, 5, 12]


def electra(embedding_size: int) -> ElectraConfig:
    return ElectraConfig(
        vocab_size=50, embedding_size=embedding_size, hidden_size=36, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=56, max_position_embeddings=24, initializer_range=0.3,
    )


def bert() -> BertConfig:
    return BertConfig(
        vocab_size=50, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=56,
        max_position_embeddings=24, initializer_range=0.3,
    )


def batch(padding: int = 0):
    """Ragged sequences, padded to the longest."""
    tokens = torch.randint(5, 50, (len(LENGTHS), max(LENGTHS)))
    mask = torch.zeros_like(tokens)
    for row, length in enumerate(LENGTHS):
        mask[row, :length] = 1
    return torch.where(mask == 1, tokens, padding), mask


def as_saved(folder: pathlib.Path):
    """What `save_pretrained` wrote stays."""


def as_half_shards(folder: pathlib.Path):
    """Two safetensors files of 16-bit floats and their index; the model's weights fit 16 bits."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names, weight_map = sorted(tensors), {}
    for index, part in enumerate([names[0::2], names[1::2]]):
        file = f"model-{index + 1:05}-of-00002.safetensors"
        save_file({key: tensors[key].half() for key in part}, folder / file, {"format": "pt"})
        weight_map |= {key: file for key in part}
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": 0}, "weight_map": weight_map}, indent=1) + "\n")


def as_old_torch(folder: pathlib.Path):
    """A `pytorch_model.bin` as older releases wrote it: tied copies, a buffer of integers, gamma and beta."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    old = {key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
           for key, value in tensors.items()}
    old["bert.embeddings.position_ids"] = torch.arange(24).expand((1, -1))
    old["cls.predictions.decoder.weight"] = old["bert.embeddings.word_embeddings.weight"]
    old["cls.predictions.decoder.bias"] = old["cls.predictions.bias"]
    torch.save(old, folder / "pytorch_model.bin")


def save(name: str, model, inputs: dict, labels, logits, loss, store=as_saved):
    folder = HERE / name
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    loss.backward()
    golden = {
        # Integers as floats, which hold them exactly: the tests read all with the reader of weights.
        "input_ids": inputs["input_ids"].float(), "lengths": torch.tensor(LENGTHS).float(),
        "labels": labels.float(), "logits": logits.detach().contiguous(), "loss": loss.detach().reshape(1),
    }
    # Only what the file holds: tied copies are one parameter with one gradient.
    stored = load_file(folder / "model.safetensors").keys()
    store(folder)
    for key, parameter in model.named_parameters(remove_duplicate=False):
        if key in stored:
            golden["gradient." + key] = parameter.grad.contiguous()
    save_file(golden, folder / "golden.safetensors")
    curve(model, inputs, labels, folder)


def curve(model, inputs: dict, labels, folder: pathlib.Path):
    """Loss and gradient norm of ten AdamW steps on the same batch: warm-up over 3 steps, then linear decay to 0 at 10.

    At twice this rate the generator meets a spike of the gradient norm (5 to 25) that turns a change of the weights by
    2e-7 into one of the norm by 3e-4; at this rate no such change moves any norm by more than 1e-5.
    """
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    decayed, others = [], []
    for key, parameter in model.named_parameters():
        (others if key.endswith("bias") or "norm" in key.lower() else decayed).append(parameter)
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=5e-4, betas=(0.9, 0.999), eps=1e-6)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (step + 1) / 3 if step < 3 else (10 - step) / 7)
    losses, norms = [], []
    for _ in range(10):
        optimizer.zero_grad()
        loss = model(input_ids=inputs["input_ids"], attention_mask=mask, labels=labels).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        losses.append(loss.item())
        optimizer.step()
        schedule.step()
    save_file({"losses": torch.tensor(losses), "norms": torch.tensor(norms)}, folder / "curve.safetensors")


def discriminator(name: str, embedding_size: int):
    model = ElectraForPreTraining(electra(embedding_size)).eval()
    randomise_norms_and_biases(model)
    tokens, mask = batch()
    labels = torch.randint(0, 2, tokens.shape)
    output = model(input_ids=tokens, attention_mask=mask, labels=labels)
    save(name, model, {"input_ids": tokens}, labels, output.logits, output.loss)


def masked_lm(name: str, model, store=as_saved, precision=None):
    model = model.eval()
    randomise_norms_and_biases(model)
    if precision:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(parameter.to(precision).float())
    tokens, mask = batch(model.config.pad_token_id)
    labels = torch.where((torch.rand(tokens.shape) < 0.3) & (mask == 1), tokens, -100)
    inputs = torch.where(labels >= 0, torch.full_like(tokens, 4), tokens)
    output = model(input_ids=inputs, attention_mask=mask, labels=labels)
    save(name, model, {"input_ids": inputs}, labels, output.logits, output.loss, store)


def randomise_norms_and_biases(model):
    """transformers starts them at 0 and 1, where errors hide."""
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if key.endswith("bias") or "norm" in key.lower():
                parameter.add_(0.2 * torch.randn_like(parameter))


torch.manual_seed(2024)
discriminator("electra-discriminator", 20)
discriminator("electra-discriminator-unprojected", 36)
masked_lm("electra-generator", ElectraForMaskedLM(electra(20)))
masked_lm("bert", BertForMaskedLM(bert()))

SMALL = dict(vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=28,
             initializer_range=0.3)
masked_lm("roberta", RobertaForMaskedLM(RobertaConfig(
    **SMALL, max_position_embeddings=20, type_vocab_size=1, layer_norm_eps=1e-5, hidden_act="relu")))
masked_lm("distilbert", DistilBertForMaskedLM(DistilBertConfig(
    vocab_size=50, dim=24, n_layers=2, n_heads=2, hidden_dim=28, max_position_embeddings=24, initializer_range=0.3,
    activation="gelu_new", sinusoidal_pos_embds=True)))
masked_lm(
    "electra-generator-half", ElectraForMaskedLM(ElectraConfig(
        **SMALL, embedding_size=16, max_position_embeddings=24, hidden_act="silu")), as_half_shards, torch.float16)
masked_lm("bert-old", BertForMaskedLM(BertConfig(**SMALL, max_position_embeddings=24)), as_old_torch)
