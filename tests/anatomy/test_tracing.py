"""Layer tables of all sorts of modules: counted right, nothing changed."""

from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from convatlas.anatomy import Table, trace
from convatlas.errors import InputSizeError, NetworkError


class Functional(nn.Module):
    """Everything by functions, on bare parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(4, 3, 3, 3))
        self.matrix = nn.Parameter(torch.zeros(10, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(F.conv2d(x, self.kernel, stride=2)), 2)
        x = F.dropout(x, training=self.training)
        return F.linear(x.mean((2, 3)), self.matrix)


class Shared(nn.Module):
    """One convolution and one activation, used three times; a tied parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.twin = nn.Conv2d(4, 4, 3, padding=1)
        self.twin.weight = self.conv.weight

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = self.relu(self.conv(x))
        return self.twin(x)


class Skips(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, groups=4)
        self.short = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        y = self.conv2(x)
        y += self.short(x)
        return torch.cat([x, y], 1)[:, :12].relu()


class Attends(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.place = nn.Parameter(torch.zeros(1, 16, 16))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.place
        return self.attention(tokens, tokens, tokens)[0]


class ManyOutputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Conv2d(3, 4, 3)
        self.heads = nn.ModuleList(nn.Linear(4, n) for n in (2, 3))
        self.unused = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 5))

    def forward(self, x: Tensor) -> dict[str, object]:
        x = self.trunk(x).amax((2, 3))
        return {"heads": [head(x) for head in self.heads], "trunk": (x,)}


class Counting(nn.Module):
    """Leaves traces of itself when it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        self.register_buffer("calls", torch.zeros(()))
        self.seen: list[int] = []
        self.last: Tensor | None = None
        self.times = 0
        self.cache: dict[str, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.times += 1
        self.last = self.cache["x"] = x = self.norm(x)
        return F.dropout(x)  # always on, whatever the mode


class Depends(nn.Module):
    """Takes another way for other numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        self.mean.add_(x.mean())
        return x * 2 if x.mean() > 0 else x - 1


class Written(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        canvas = torch.zeros(1, 3, 10, 10)
        canvas[:, :2] = self.conv(x)
        return F.max_pool2d(canvas, 2)


def weight_normed() -> nn.Module:
    return nn.Sequential(
        nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.ReLU()
    )


SIZES: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int]]] = {
    "functional": (Functional, (3, 20, 20)),
    "shared": (Shared, (4, 9, 9)),
    "skips": (Skips, (3, 9, 9)),
    "attends": (Attends, (3, 16, 16)),
    "many outputs": (ManyOutputs, (3, 8, 8)),
    "counting": (Counting, (3, 8, 8)),
    "depends": (Depends, (3, 8, 8)),
    "written": (Written, (3, 12, 12)),
    "weight norm": (weight_normed, (3, 8, 8)),
    "transposed": (lambda: nn.ConvTranspose2d(3, 6, 4, 2, 1, groups=3), (3, 7, 7)),
    "lstm": (lambda: nn.LSTM(8, 5, batch_first=True), (6, 8)),  # type: ignore[dict-item]
    "half": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3)).bfloat16(), (3, 8, 8)),
    "squeezenet": (torchvision.models.squeezenet1_1, (3, 64, 64)),
    "resnet": (torchvision.models.resnet18, (3, 64, 64)),
    "mobilenet": (torchvision.models.mobilenet_v3_small, (3, 64, 64)),
    "shufflenet": (torchvision.models.shufflenet_v2_x0_5, (3, 64, 64)),
}


def counted(network: nn.Module, input: tuple[int, ...]) -> int:
    """As torch counts them; of fused attention it would miss some."""
    dtype = next(network.parameters()).dtype
    torch.backends.mha.set_fastpath_enabled(False)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(torch.rand(1, *input, dtype=dtype))
    torch.backends.mha.set_fastpath_enabled(True)
    return int(counter.get_total_flops()) // 2


@pytest.mark.parametrize("name", SIZES)
def test_totals_are_those_of_torch(name: str) -> None:
    make, input = SIZES[name]
    network = make()
    table = trace(network, input)
    assert table.macs == counted(network, input)
    assert table.parameters == sum(p.numel() for p in network.parameters())
    assert table.parameters == sum(row.parameters for row in table.rows)
    assert table.macs == sum(row.macs for row in table.rows if row.leaf)


def state(network: nn.Module) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, module in network.named_modules():
        for key, value in module.__dict__.items():
            if key.startswith("_") and isinstance(value, dict):
                value = {k: id(v) for k, v in value.items()}
            found[f"{name}.{key}"] = value
    for name, tensor in network.state_dict().items():
        found[f"state {name}"] = (tensor.data_ptr(), tensor.tolist())
    return found


@pytest.mark.parametrize("name", ["counting", "depends", "shared", "weight norm"])
def test_looking_changes_nothing(name: str) -> None:
    make, input = SIZES[name]
    network = make()
    next(iter(network.children())).eval()  # a mixed state: only one part evaluates
    before = str(state(network)), [m.training for m in network.modules()]
    random_state = torch.get_rng_state()
    trace(network, input)
    assert (str(state(network)), [m.training for m in network.modules()]) == before
    assert torch.equal(torch.get_rng_state(), random_state)


def test_functions_get_rows_of_their_own() -> None:
    table = trace(Functional(), (3, 20, 20))
    assert [(r.name, r.operation, r.output, r.parameters) for r in table.rows] == [
        ("conv2d()", "conv 3→4 k3 s2", (4, 9, 9), 108),
        ("relu()", "relu", (4, 9, 9), 0),
        ("max_pool2d()", "max 2/2", (4, 4, 4), 0),
        ("mean()", "global avg", (4,), 0),
        ("linear()", "fc 4→10", (10,), 40),
    ]


def test_a_module_that_is_called_again_gets_another_row_without_parameters() -> None:
    table = trace(Shared(), (4, 9, 9))
    convs = [row for row in table.rows if row.name == "conv"]
    assert [(r.call, r.parameters) for r in convs] == [(1, 148), (2, 0), (3, 0)]
    assert [r.field_text for r in convs] == ["3", "5", "7"]
    assert table.row("twin").parameters == 4  # its bias: the weight is conv's
    assert convs[0].macs == convs[2].macs == 81 * 144


def test_skips_are_edges_and_count_in_the_field() -> None:
    table = trace(Skips(), (3, 9, 9))
    names = ["conv1", "conv2", "short", "add()", "cat()", "relu()"]
    assert [r.name for r in table.rows] == names
    named = {(("input", *names)[a + 1], names[b]) for a, b in table.edges}
    assert named == {
        ("input", "conv1"),
        ("conv1", "conv2"),
        ("conv1", "short"),
        ("conv2", "add()"),
        ("short", "add()"),
        ("conv1", "cat()"),
        ("add()", "cat()"),
        ("cat()", "relu()"),
    }
    assert [r.field_text for r in table.rows] == ["3", "5", "3", "5", "5", "5"]
    assert table.ends == (5,)
    assert table.row("relu()").output == (12, 9, 9)


def test_attention_sees_everything_and_counts_its_parameters() -> None:
    table = trace(Attends(), (3, 16, 16))
    assert [(r.name, r.field_text) for r in table.rows] == [
        ("patches", "4"),
        ("add()", "4"),
        ("attention", "all"),
    ]
    assert table.row("attention").parameters == 4 * 16 * 16 + 4 * 16
    assert table.row("attention").operation == "attention 16 h2"


def test_several_outputs_and_modules_that_are_never_called() -> None:
    table = trace(ManyOutputs(), (3, 8, 8))
    ends = {table.rows[i].name for i in table.ends}
    assert ends == {"amax()", "heads.0", "heads.1"}
    unused = table.row("unused")
    assert (unused.operation, unused.parameters) == ("(not called)", 55)
    assert (unused.called, unused.output_text) == (False, "–")


def test_containers_sum_up_what_is_inside() -> None:
    inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    table = trace(nn.Sequential(inner, nn.Flatten(), nn.Linear(144, 2)), (3, 8, 8))
    box = table.row("0")
    assert (box.leaf, box.parameters, box.macs, box.depth) == (False, 0, 0, 0)
    assert (box.total_parameters, box.total_macs) == (112, 36 * 108)
    assert table.row("0.1").depth == 1
    assert box.operation == "Sequential"
    assert table.layers == 2


def test_what_is_written_into_a_tensor_is_in_it() -> None:
    row = trace(Written(), (3, 12, 12)).row("max_pool2d()")
    assert (row.field_text, row.output) == ("4", (3, 5, 5))


def test_stride_and_offset_of_a_chain() -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 11, 4, 2), nn.MaxPool2d(3, 2), nn.Flatten())
    stem, pool, flat = trace(net, (1, 224, 224)).rows
    assert stem.field is not None and pool.field is not None
    assert (stem.field.size, stem.field.stride) == ((11, 11), (4, 4))
    assert (stem.field.offset, pool.field.offset) == ((-2, -2), (-2, -2))
    assert (pool.field.size, pool.field.stride) == ((19, 19), (8, 8))
    assert flat.field_text == "19"
    assert pool.patch((1, 0)) == (6, -2, 24, 16)


def test_operations_of_torchs_own_modules() -> None:
    net = nn.Sequential(
        nn.Conv2d(4, 8, (3, 5), (2, 1), 1, 2, groups=2),
        nn.BatchNorm2d(8),
        nn.LocalResponseNorm(5),
        nn.GroupNorm(2, 8),
        nn.LeakyReLU(),
        nn.MaxPool2d(3, 2, 1),
        nn.AvgPool2d(2),
        nn.ConvTranspose2d(8, 8, 2, 2),
        nn.Dropout(0.5),
        nn.AdaptiveAvgPool2d(3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 2),
        nn.Softmax(1),
    )
    assert [row.operation for row in trace(net, (4, 40, 40)).rows] == [
        "conv 4→8 k3×5 s2×1 p1 g2 d2",
        "bn",
        "lrn 5",
        "gn 2",
        "leaky relu",
        "max 3/2 p1",
        "avg 2/2",
        "transposed conv 8→8 k2 s2",
        "dropout .5",
        "adaptive avg 3",
        "global avg",
        "flatten",
        "fc 8→2",
        "softmax",
    ]


def test_a_module_can_say_what_it_is() -> None:
    class Subsample(nn.Module):
        operation = "subsample 2/2"

        def forward(self, x: Tensor) -> Tensor:
            return F.avg_pool2d(x, 2) * 2

    (row,) = trace(nn.Sequential(Subsample()), (1, 8, 8)).rows
    assert (row.operation, row.kind) == ("subsample 2/2", "pool")


def test_a_compiled_network_is_looked_at_as_it_was_written() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3))
    compiled = type("OptimizedModule", (nn.Module,), {})()
    compiled._orig_mod = network
    assert trace(compiled, (1, 8, 8)) == trace(network, (1, 8, 8))


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 10),
    )


@pytest.mark.parametrize(
    ("input", "message"),
    [
        (
            (1, 28, 28),
            "5 (fc 400→10) takes 400 numbers, but 256 arrived with an input of "
            "1×28×28; 1×32×32 to 1×35×35 would do",
        ),
        (
            (3, 32, 32),
            "0 (conv 1→6 k5) takes 1 channel, but 3×32×32 arrived with an input of "
            "3×32×32; 1×32×32 would do",
        ),
        (
            (1, 8, 8),
            "2 (conv 6→16 k5) needs at least 5×5 pixels, but 6×2×2 arrived with an "
            "input of 1×8×8; 1×32×32 to 1×35×35 would do",
        ),
        (
            (1, 60, 30),
            "5 (fc 400→10) takes 400 numbers, but 768 arrived with an input of "
            "1×60×30; none of the other sizes tried does either",
        ),
    ],
)
def test_a_size_that_does_not_fit(input: tuple[int, int, int], message: str) -> None:
    with pytest.raises(NetworkError) as caught:
        trace(lenet(), input)
    assert str(caught.value) == message


def test_sizes_that_must_be_multiples_are_listed() -> None:
    class Down(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool, self.up = nn.MaxPool2d(4), nn.Upsample(scale_factor=4)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([x, self.up(self.pool(x))], 1)

    with pytest.raises(InputSizeError, match="3×28×28, 3×32×32 or 3×36×36 would do$"):
        trace(Down(), (3, 30, 30))


class Misspelt(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)  # type: ignore[no-any-return]


class Unfinished(nn.Module):
    pass


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            Misspelt(),
            "the forward of Misspelt fails: AttributeError: 'Misspelt' object has no "
            "attribute 'conv'; did you mean conv1?",
        ),
        (
            nn.Sequential(Unfinished()),
            "Unfinished (0) has no forward: define one that takes the pictures",
        ),
    ],
)
def test_a_forward_that_cannot_work(network: nn.Module, message: str) -> None:
    with pytest.raises(NetworkError) as caught:
        trace(network, (1, 28, 28))
    assert str(caught.value) == message


def test_lazy_layers_have_no_size_yet() -> None:
    with pytest.raises(NetworkError, match="^0.weight has no size yet"):
        trace(nn.Sequential(nn.LazyConv2d(4, 3)), (3, 8, 8))


def test_norms_of_weights_are_no_work_of_a_picture() -> None:
    parametrized = nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 4, 3))
    assert trace(nn.Sequential(parametrized), (3, 8, 8)).macs == 36 * 108


def test_an_input_without_pixels() -> None:
    with pytest.raises(NetworkError, match="^input 1×0×28: each of channels, height"):
        trace(lenet(), (1, 0, 28))


def test_the_state_after_a_failure_is_the_state_before() -> None:
    network = lenet().train()
    before = str(state(network))
    with pytest.raises(NetworkError):
        trace(network, (1, 28, 28))
    assert str(state(network)) == before and network.training


def test_a_table_finds_its_rows() -> None:
    table: Table = trace(lenet(), (1, 32, 32))
    assert table.row("2").output_text == "16×10×10"
    with pytest.raises(KeyError):
        table.row("7")
