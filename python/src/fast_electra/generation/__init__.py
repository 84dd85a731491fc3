"""Stage one with PyTorch: text through a fixed masked language model into shards. `python -m fast_electra.generate` runs it."""
