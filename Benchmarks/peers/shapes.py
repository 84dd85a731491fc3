"""The models that are timed, as transformers configures them."""

from transformers import ElectraConfig

SHAPES = {
    "tiny": dict(vocabulary=8192, embedding=128, hidden=128, layers=4, heads=4),
    "small": dict(vocabulary=30522, embedding=128, hidden=256, layers=12, heads=4),
    "base": dict(vocabulary=30522, embedding=768, hidden=768, layers=12, heads=12),
    # Generators: a third of small's depth, and ELECTRA-small's own generator.
    "4x256": dict(vocabulary=30522, embedding=128, hidden=256, layers=4, heads=4),
    "12x64": dict(vocabulary=30522, embedding=128, hidden=64, layers=12, heads=1),
}


def configuration(name: str, dropout: float) -> ElectraConfig:
    shape = SHAPES[name]
    return ElectraConfig(
        vocab_size=shape["vocabulary"],
        embedding_size=shape["embedding"],
        hidden_size=shape["hidden"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        intermediate_size=4 * shape["hidden"],
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
