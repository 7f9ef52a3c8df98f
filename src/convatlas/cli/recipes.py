"""``convatlas recipes``."""

from convatlas.cli.command import new_app

app = new_app("recipes")


@app.default
def recipes(name: str | None = None, /) -> None:
    """List the shipped recipes; with a name, print that one.

    A printed recipe is a TOML file: save it, change it, train with --recipe FILE.

    Parameters
    ----------
    name
        Of a recipe.
    """
    from convatlas import recipes as room

    if name is not None:
        print(room.text_of(name), end="")
        return
    from convatlas.cli.terminal import console, new_table, print_table

    table = new_table("recipe", "cost and expected accuracy")
    for one in room.shipped():
        first, _, _ = room.text_of(one).partition("\n")
        table.add_row(one, first.removeprefix("#").strip())
    print_table(console(), table)
