"""Which processor this is, and what of it the program and its peers may use."""

import os
import re
from pathlib import Path


class Processor:
    """FAST_ELECTRA_KERNELS=avx2 makes a processor with AVX-512 stand in for one without, for the peers as well."""

    def __init__(self, cpuinfo: str | None = None, environment=os.environ) -> None:
        cpuinfo = Path("/proc/cpuinfo").read_text() if cpuinfo is None else cpuinfo
        self.name = self._field(cpuinfo, "model name") or "unknown processor"
        self.flags = set(self._field(cpuinfo, "flags").split())
        self.kernels = environment.get("FAST_ELECTRA_KERNELS", "")
        self.is_restricted = self.kernels == "avx2"

    @staticmethod
    def _field(cpuinfo: str, name: str) -> str:
        found = re.search(rf"^{name}\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
        return found.group(1).strip() if found else ""

    @property
    def uses_avx512(self) -> bool:
        return "avx512f" in self.flags and not self.is_restricted

    @property
    def openblas_cores(self) -> list[str]:
        """Kernels of OpenBLAS to choose the best of; the empty name is its own choice. Others are illegal instructions here."""
        if not self.uses_avx512:
            return ["Haswell"] if self.is_restricted else ["", "Haswell"] if "avx2" in self.flags else [""]
        return ["", "SkylakeX"] + (["Cooperlake"] if "avx512_bf16" in self.flags else [])

    @property
    def peer_environment(self) -> dict[str, str]:
        """Keeps PyTorch to what the program is kept to."""
        if not self.is_restricted:
            return {}
        return {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}

    def description(self, threads: int) -> list[str]:
        lines = [
            f"processor: {self.name}, {threads} threads, "
            + ("with" if "avx512f" in self.flags else "without") + " AVX-512"
        ]  # fmt: skip
        if self.kernels:
            lines.append(f"kernels asked for: {self.kernels}")
        if self.is_restricted and "avx512f" in self.flags:
            lines.append("PyTorch is kept to AVX2. ONNX Runtime cannot be: it uses AVX-512")
        return lines
