import torch

from convatlas.training.precision import bf16_is_native


def test_a_processor_has_bf16_only_if_it_says_so(monkeypatch) -> None:
    cpu = torch.device("cpu")
    for said in ({"avx2": True, "avx512_bf16": False}, {"avx2": True}):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda said=said: said)
        assert not bf16_is_native(cpu)
    said = {"avx2": True, "amx_bf16": True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: said)
    assert bf16_is_native(cpu)
    assert not bf16_is_native(torch.device("mps"))
