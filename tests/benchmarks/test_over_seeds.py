from collections.abc import Iterator
from pathlib import Path

from benchmarks import over_seeds


def test_each_seed_is_a_run_of_its_own_and_gone_afterwards() -> None:
    found, paths = [], []
    changes = [("test", {"epochs": 0.05, "fast": "off"})]
    for run in over_seeds.runs(
        "lenet5-tanh",
        "digits-5k",
        "any-network",
        seeds=2,
        data_dir=None,
        changes=changes,
    ):
        assert run.path.is_dir() and over_seeds.seconds_of(run) > 0
        found.append((run.info.seed, run.history()[-1].train_loss))
        paths.append(run.path)
    assert [seed for seed, _ in found] == [0, 1] and found[0][1] != found[1][1]
    assert not any(path.exists() for path in paths)


def test_a_page_holds_what_was_done_so_far(tmp_path: Path) -> None:
    page = tmp_path / "results" / "page.md"

    def rows() -> Iterator[str]:
        yield "one\n"
        assert page.read_text() == "head\none\n"
        yield "two\n"

    over_seeds.write(page, "head\n", rows())
    assert page.read_text() == "head\none\ntwo\n"
