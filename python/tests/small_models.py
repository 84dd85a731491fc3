"""Small random masked language models of seven families, with tokenizers of their kinds, made on the spot."""

from __future__ import annotations

import pathlib
from typing import Any, Dict

FAMILIES = ["bert", "electra", "roberta", "distilbert", "modernbert", "xlm-roberta", "deberta-v2"]
#: Those that the Swift program knows.
SHARED = FAMILIES[:4]
_BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def make_model(family: str, folder: pathlib.Path, text: pathlib.Path, size: int = 600, length: int = 48, **shape: Any) -> None:
    """A model with a tokenizer that was trained on the text. Weights are spread so that logits are far from equal."""
    import torch
    import transformers

    torch.manual_seed(FAMILIES.index(family))
    tokenizer = _tokenizer(family, text, size)
    tokenizer.save_pretrained(folder)
    settings: Dict[str, Any] = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
        "max_position_embeddings": length + (2 if "roberta" in family else 0), "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.cls_token_id, "eos_token_id": tokenizer.sep_token_id, **shape,
    }  # fmt: skip
    if family == "electra":
        settings["embedding_size"] = settings["hidden_size"]
    if family == "distilbert":
        for own, name in (("dim", "hidden_size"), ("n_layers", "num_hidden_layers"), ("n_heads", "num_attention_heads"), ("hidden_dim", "intermediate_size")):
            settings[own] = settings.pop(name)
    if family == "modernbert":
        # Embeddings outnumber tokens, as in the model that was released.
        settings.update(
            vocab_size=(settings["vocab_size"] + 63) // 64 * 64, cls_token_id=tokenizer.cls_token_id, sep_token_id=tokenizer.sep_token_id,
            reference_compile=False, global_attn_every_n_layers=2, local_attention=16,
        )  # fmt: skip
    if family == "deberta-v2":
        settings.update(relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=16, type_vocab_size=0, legacy=True)
    kinds = {
        "bert": (transformers.BertConfig, transformers.BertForMaskedLM),
        "electra": (transformers.ElectraConfig, transformers.ElectraForMaskedLM),
        "roberta": (transformers.RobertaConfig, transformers.RobertaForMaskedLM),
        "distilbert": (transformers.DistilBertConfig, transformers.DistilBertForMaskedLM),
        "modernbert": (transformers.ModernBertConfig, transformers.ModernBertForMaskedLM),
        "xlm-roberta": (transformers.XLMRobertaConfig, transformers.XLMRobertaForMaskedLM),
        "deberta-v2": (transformers.DebertaV2Config, transformers.DebertaV2ForMaskedLM),
    }
    configuration, model_class = kinds[family]
    model = model_class(configuration(**settings))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(8)
        model.get_input_embeddings().weight.mul_(12)
        if model.get_output_embeddings().weight is not model.get_input_embeddings().weight:
            model.get_output_embeddings().weight.mul_(12)
        bias = model.get_output_embeddings().bias
        if bias is not None:
            bias.normal_(0, 1)
    model.save_pretrained(folder)


def _tokenizer(family: str, text: pathlib.Path, size: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    if family in ("bert", "electra", "distilbert"):
        names = _BERT
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.normalizer = normalizers.BertNormalizer()
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        made.decoder = decoders.WordPiece()
        trainer: Any = trainers.WordPieceTrainer(vocab_size=size, special_tokens=names, show_progress=False)
    elif family in ("roberta", "modernbert"):
        names = _ROBERTA if family == "roberta" else _BERT
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size, special_tokens=names, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        )
    else:
        names = _ROBERTA if family == "xlm-roberta" else _BERT
        made = Tokenizer(models.Unigram())
        made.normalizer = normalizers.NFKC()
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        made.decoder = decoders.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=size, special_tokens=names, unk_token="<unk>" if family == "xlm-roberta" else "[UNK]", show_progress=False
        )
    made.train([str(text)], trainer)
    pad, unk, cls, sep, mask = names if names is _BERT else ("<pad>", "<unk>", "<s>", "</s>", "<mask>")

    def number(token: str) -> int:
        return int(made.token_to_id(token) or 0)

    if family == "roberta":
        made.post_processor = processors.RobertaProcessing((sep, number(sep)), (cls, number(cls)), add_prefix_space=False)
    elif family == "xlm-roberta":
        made.post_processor = processors.TemplateProcessing(
            single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} {sep} $B {sep}", special_tokens=[(cls, number(cls)), (sep, number(sep))]
        )
    else:
        made.post_processor = processors.TemplateProcessing(
            single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} $B:1 {sep}:1", special_tokens=[(cls, number(cls)), (sep, number(sep))]
        )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call,unused-ignore]
        tokenizer_object=made, pad_token=pad, unk_token=unk, cls_token=cls, sep_token=sep, mask_token=mask, bos_token=cls, eos_token=sep
    )
