"""A masked language model of Hugging Face, asked for the logits of some positions alone."""

from __future__ import annotations

import json
import os
from typing import Any, List, Optional, Sequence, Tuple

import torch

from .errors import USAGE, GenerationError

#: One file before several, safetensors before PyTorch's, as `from_pretrained` takes them.
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")


class Generator:
    """A model that gives logits at masked positions, through its own head.

    A head takes positions one by one. So the rows that are wanted are taken out of the encoder's output before the head sees it: that
    works for any class `...ForMaskedLM`, whatever its head is called. Opening compares both ways once.
    """

    def __init__(self, folder: str, *, device: str = "cpu", half: bool = False) -> None:
        import transformers

        self.folder = folder
        try:
            model = transformers.AutoModelForMaskedLM.from_pretrained(
                folder, local_files_only=True, dtype=torch.bfloat16 if half else torch.float32
            )
        except Exception as error:
            raise GenerationError(
                f"no masked language model can be opened there ({_first_line(error)})",
                "Give a Hugging Face folder of a model ...ForMaskedLM", folder,
            ) from error
        try:
            self.device = torch.device(device)
            self.model: Any = model.to(self.device).eval()
        except (RuntimeError, AssertionError) as error:
            raise GenerationError(f"the device {device} cannot be used ({_first_line(error)})", "Give --device cpu", code=USAGE) from error
        self.configuration = model.config
        self.vocabulary_size = int(model.get_output_embeddings().weight.shape[0])
        self._wanted: Optional[torch.Tensor] = None
        base = getattr(model, "base_model", model)
        if base is model:
            raise GenerationError("the model has no encoder apart from its head", "Give a model ...ForMaskedLM", folder)
        base.register_forward_hook(self._select)
        self._check()

    @property
    def longest(self) -> int:
        """Tokens of the longest sequence that it takes."""
        positions = int(getattr(self.configuration, "max_position_embeddings", 1 << 16) or 1 << 16)
        embeddings = next((m for name, m in self.model.named_modules() if name.endswith("position_embeddings")), None)
        # RoBERTa and its kin count positions from after the padding token's id.
        offset = getattr(embeddings, "padding_idx", None)
        return positions if offset is None else positions - offset - 1

    @torch.inference_mode()
    def logits(
        self, texts: Sequence[Sequence[int]], masked: Sequence[Sequence[int]], seconds: Sequence[int], mask: int, padding: int
    ) -> torch.Tensor:
        """[masked positions of all texts, V] on the device. `seconds`: where second segments begin, 0 where there is none."""
        width = max(map(len, texts))
        ids = torch.full((len(texts), width), padding, dtype=torch.int64)
        types = torch.zeros((len(texts), width), dtype=torch.int64)
        present = torch.zeros((len(texts), width), dtype=torch.int64)
        for row, (text, positions, second) in enumerate(zip(texts, masked, seconds)):
            ids[row, : len(text)] = torch.tensor(text)
            present[row, : len(text)] = 1
            if second:
                types[row, second : len(text)] = 1
            ids[row, list(positions)] = mask
        rows = [row * width + place for row, positions in enumerate(masked) for place in positions]
        inputs = {"input_ids": ids}
        if len({len(text) for text in texts}) > 1:
            inputs["attention_mask"] = present
        if any(seconds) and int(getattr(self.configuration, "type_vocab_size", 0) or 0) > 1:
            inputs["token_type_ids"] = types
        moved = {name: tensor.to(self.device, non_blocking=True) for name, tensor in inputs.items()}
        self._wanted = torch.tensor(rows, dtype=torch.int64).to(self.device)
        try:
            result: torch.Tensor = self.model(**moved).logits[0]
        finally:
            self._wanted = None
        return result

    def _select(self, module: Any, inputs: Any, output: Any) -> Any:
        if self._wanted is None:
            return output
        hidden = output[0]
        rows = hidden.reshape(-1, hidden.shape[-1])[self._wanted][None]
        if isinstance(output, tuple):
            return (rows, *output[1:])
        output["last_hidden_state"] = rows
        return output

    @torch.inference_mode()
    def _check(self) -> None:
        """Refuses a model whose head looks at more than one position."""
        count = min(8, self.longest)
        text = [token % self.vocabulary_size for token in range(5, 5 + count)]
        positions = [1, count - 2, count - 1]
        some = self.logits([text], [positions], [0], text[1], 0).float()
        shown = list(text)
        for place in positions:
            shown[place] = text[1]
        whole = self.model(input_ids=torch.tensor([shown], device=self.device)).logits[0, positions].float()
        if not bool(whole.isfinite().all()):
            raise GenerationError("the generator's logits are not finite numbers", "Check the generator's weights: they overflow or are damaged", self.folder)
        if some.shape != whole.shape or not torch.allclose(some, whole, rtol=2e-2, atol=2e-2 * float(whole.abs().max())):
            raise GenerationError(
                f"the head of {type(self.model).__name__} does not take positions one by one",
                "Give a model whose head does, or distil its logits in a loop of your own (fast_electra.distil)", self.folder,
            )


def vocabulary_size_of(folder: str) -> int:
    """`vocab_size` of config.json, where the model need not be opened."""
    path = os.path.join(folder, "config.json")
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)["vocab_size"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GenerationError("config.json cannot be read, or has no vocab_size", "Give a Hugging Face folder of a model", folder) from error
    if type(value) is not int or value < 1:
        raise GenerationError(f"vocab_size is {value}", "Give the number of the model's tokens", path)
    return value


def weight_files(folder: str) -> List[str]:
    """The files of the weights that `from_pretrained` takes, in the order of their names."""
    for name in _WEIGHTS:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        if not name.endswith(".index.json"):
            return [path]
        try:
            with open(path, encoding="utf-8") as file:
                return [os.path.join(folder, one) for one in sorted(set(json.load(file)["weight_map"].values()))]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GenerationError("it names no files of weights", "Copy the model's folder again", path) from error
    raise GenerationError(f"there is none of {', '.join(_WEIGHTS)}", "Give a Hugging Face folder with weights", folder)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def batches(lengths: Sequence[int], tokens: int) -> List[Tuple[int, int]]:
    """Which sequences go through the model together: runs of at most so many tokens, padding included, one sequence at least."""
    result: List[Tuple[int, int]] = []
    first, longest = 0, 0
    for place, length in enumerate(lengths):
        widest = max(longest, length)
        if place > first and widest * (place - first + 1) > tokens:
            result.append((first, place))
            first, widest = place, length
        longest = widest
    if first < len(lengths):
        result.append((first, len(lengths)))
    return result
