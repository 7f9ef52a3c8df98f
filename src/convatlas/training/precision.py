"""Which arithmetic a device has."""

import torch


def bf16_is_native(device: torch.device) -> bool:
    """Whether the device multiplies bf16 itself; a CPU that does not emulates it, 2 to
    12 times slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    if not hasattr(torch.cpu, "get_capabilities"):  # before torch 2.10
        return bool(torch.cpu._is_avx512_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return any(value for name, value in capabilities.items() if name.endswith("bf16"))
