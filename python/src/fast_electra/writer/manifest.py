"""`manifest.json`: the content of a data set's folder."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Union

from .. import durable
from ..dataset import DataSet
from ..header import VERSION, members

NAME = "manifest.json"


def write_manifest(folder: Union[str, "os.PathLike[str]"]) -> DataSet:
    """Writes the manifest of the shards in a folder. Raises `ShardError` if they do not make a data set."""
    data = DataSet.open(folder)
    value = {
        "version": VERSION,
        "header": members(dataclasses.replace(data.header, pass_number=0, first_sequence=0)),
        "shards": [
            {
                "name": os.path.basename(shard.path),
                "byteCount": shard.byte_count,
                "pass": shard.header.pass_number,
                "firstSequence": shard.header.first_sequence,
                "endsPass": shard.index.ends_pass,
                "counts": {
                    "sequences": len(shard), "tokens": shard.index.tokens, "maskedPositions": shard.index.masked,
                },
                "checksum": shard.index.checksum,
            }
            for shard in data.shards
        ],
    }  # fmt: skip
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    durable.write(os.path.join(data.folder, NAME), text.encode())
    return data
