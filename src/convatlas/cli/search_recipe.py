"""``convatlas search-recipe``."""

from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING, Any

from convatlas.cli.command import new_app
from convatlas.cli.input_size import parse_size
from convatlas.cli.recipe_flags import Flags, as_typed, changes, from_flags
from convatlas.errors import UsageError

if TYPE_CHECKING:
    from convatlas.verbs.search_journal import Search, Tried
    from convatlas.verbs.search_recipe import Confirmed

app = new_app("search-recipe")

SHOWN = 10  # rows of the table


@app.default
def search_recipe(
    network: str,
    /,
    *,
    data: str = "digits-5k",
    trials: int | None = None,
    budget: float | None = None,
    target: float | None = None,
    vary: str | None = None,
    recipe: str = "any-network",
    pictures: int | None = None,
    stages: int = 3,
    confirm: int = 3,
    finalists: int = 2,
    journal: Path | None = None,
    out: Path | None = None,
    device: str = "auto",
    input: str | None = None,
    data_dir: Path | None = None,
    flags: Flags = None,
) -> int:
    """Search a recipe for a network and a data set, on the validation split alone.

    Without --target: the best accuracy at the cost of --epochs. With it: the shortest
    training that reaches that accuracy. Most recipes are given up early. Ctrl-C stops;
    the same command goes on, since every try is in the journal.

    Examples:

    * convatlas search-recipe lenet5-tanh --epochs 3 --trials 30
    * convatlas search-recipe mnist-cnn --data mnist --target .989 --budget 600
    * convatlas search-recipe alexnet-gray --data fashion-mnist --epochs 1
      --pictures 10000 --vary lr,batch-size --trials 12

    Parameters
    ----------
    network
        Name of a network.
    data
        Name of a data set; digits-5k, which needs no download, if none.
    trials
        How many recipes to try (more, if the journal holds some); 0: only train the
        finalists of those in the journal.
    budget
        Seconds to search for; the last try may take longer.
    target
        Validation accuracy to reach in the shortest time, e.g. .98.
    vary
        Values to vary, with commas between; the usual ones if none. What a flag gives
        is not varied.
    recipe
        The first one to try; its values are kept where they are not varied.
    pictures
        Of the training split, to search faster; the finalists get all.
    stages
        A recipe is trained so often: for an accuracy each time three times as long, for
        a time each time with another seed.
    confirm
        Seeds with which the finalists are trained at the end; 0: none.
    finalists
        How many of the best are trained so.
    journal
        JSON lines; search-NETWORK-DATA.jsonl if none.
    out
        The recipe to write; NETWORK.DATA.toml if none.
    device
        auto, cpu, cuda or mps.
    input
        Height×width the network is built for, e.g. 112; as published if none.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    """
    _check(trials, budget, target, stages)
    from convatlas import recipes
    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console
    from convatlas.cli.training_display import summary
    from convatlas.runs.atomic import write
    from convatlas.verbs import search_recipe as verb
    from convatlas.verbs.search_journal import Search

    base = recipes.load(recipe)
    for source, values in changes(flags):
        base = base.changed(source=source, **values)
    goal = "time" if target else "accuracy"
    names = _varied(vary, set(from_flags(flags)), goal, network)
    size = parse_size(input)
    search = Search(
        network, data, base, names, target, pictures, stages, device, size, data_dir
    )
    word = data.replace(":", "-").replace("/", "-")
    journal = journal or Path(f"search-{network}-{word}.jsonl")
    out = out or Path(f"{network}.{word}.toml")
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")
    if out.exists() and not out.is_file():
        raise UsageError(f"--out {out}: is no file, and would not be replaced by one")
    terminal = console()

    def show(tried: "Tried") -> None:
        terminal.print(f"{_row(tried)}  [dim]{summary(tried.recipe)}[/]")

    with DataProgress() as progress:
        found, stopped_by = verb.search_recipe(
            search, journal, trials=trials, budget=budget, progress=progress, watch=show
        )
    if found:
        _print_best(found)
    if stopped_by is not None:
        terminal.print(
            f"stopped; {journal} holds all tries, the same command goes on",
            style="yellow",
        )
        return 128 + stopped_by
    if not found:
        raise UsageError(f"{journal}: holds no recipe that could be trained")
    try:
        chosen = _confirmed(search, found, confirm, finalists)
    except KeyboardInterrupt:
        terminal.print(
            f"stopped; {journal} holds all tries, the same command with --trials 0 "
            "trains the finalists anew",
            style="yellow",
        )
        return 128 + SIGINT
    options = {
        "data": data,
        "recipe": None if recipe == "any-network" else recipe,
        "target": target,
        "vary": vary,
        "pictures": pictures,
        "stages": None if stages == 3 else stages,
        "input": input,
        **from_flags(flags),
    }
    given = {name: value for name, value in options.items() if value is not None}
    header = _header(network, given, chosen, len(found), trained=confirm > 0)
    write(out, recipes.as_toml(chosen.recipe, header).encode())
    terminal.print(f"[bold]{chosen.text}[/]\nwrote {out}; journal: {journal}")
    return 0


def _check(
    trials: int | None, budget: float | None, target: float | None, stages: int
) -> None:
    if trials is not None and trials < 0:
        raise UsageError(f"--trials {trials}: must be 0 or more")
    for flag, value in (("budget", budget), ("stages", stages)):
        if value is not None and value <= 0:
            raise UsageError(f"--{flag} {value:g}: must be above 0")
    if target is not None and not 0 < target < 1:
        raise UsageError(f"--target {target:g}: must lie between 0 and 1, e.g. .98")


def _varied(
    vary: str | None, given: set[str], goal: str, network: str
) -> tuple[str, ...]:
    from convatlas.verbs.search_space import checked, usual

    if vary is None:
        return tuple(name for name in usual(goal, network) if name not in given)
    names = checked(tuple(part.strip() for part in vary.split(",")), goal, network)
    for name in names:
        if name in given:
            raise UsageError(f"--vary {name}: a flag gives that value; leave one out")
    return names


def _row(tried: "Tried") -> str:
    accuracies = " ".join(f"{accuracy:.2%}" for accuracy in tried.accuracies)
    state = "" if tried.finished else " given up"
    return f"try {tried.number}: {accuracies or 'diverged'}{state}"


def _print_best(found: "tuple[Tried, ...]") -> None:
    from convatlas.cli.terminal import console, new_table, percent, print_table
    from convatlas.cli.training_display import summary

    table = new_table("try", ">val. acc.", ">stages", ">seconds", "recipe")
    for tried in found[:SHOWN]:
        table.add_row(
            str(tried.number),
            percent(tried.accuracies[-1]),
            str(len(tried.accuracies)),
            f"{tried.seconds[-1]:.1f}",
            summary(tried.recipe),
        )
    print_table(console(), table)


def _confirmed(
    search: "Search", found: "tuple[Tried, ...]", seeds: int, finalists: int
) -> "Confirmed":
    from statistics import mean

    from convatlas.cli.terminal import console
    from convatlas.verbs.search_recipe import Confirmed, confirm

    if seeds == 0:
        best = found[0]
        return Confirmed(best.recipe, best.accuracies[-1:], best.seconds[-1:])
    confirmed = []
    for tried in found[:finalists]:
        confirmed.append(confirm(search, tried.recipe, seeds))
        console().print(f"finalist {tried.number}: {confirmed[-1].text}")
    target = search.target
    reached = [c for c in confirmed if target and mean(c.accuracies) >= target]
    if reached:
        return min(reached, key=lambda one: mean(one.seconds))
    return max(confirmed, key=lambda one: mean(one.accuracies))


def _header(
    network: str, given: dict[str, Any], chosen: "Confirmed", tries: int, trained: bool
) -> str:
    import torch

    from convatlas import machine

    lines = [
        f"{chosen.text}; {machine.processor()}, {torch.get_num_threads()} threads",
        f"found in {tries} tries on validation by",
        f"convatlas search-recipe {network} {as_typed(given)}",
    ]
    return "\n".join(lines if trained else [*lines, "the figure is the search itself"])
