"""How every command parses its arguments and reports a wrong one."""

from typing import Any

from cyclopts import App, CycloptsError
from pydantic import ValidationError

from convatlas.errors import UsageError
from convatlas.recipe import first_fault


def new_app(name: str, help: str = "") -> App:
    """An empty command; decorate its function with ``@app.default``."""
    app = App(
        name=f"convatlas {name}",
        help=help or None,  # else the docstring of the function
        version_flags=[],
        help_on_error=False,
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,  # main says what happened
        result_action="return_value",
    )
    app["--help"].show = False  # whoever reads it has found it
    return app


def run(app: App, arguments: list[str]) -> int:
    """Runs a command: its exit status, 0 unless it returns another.

    Raises:
        UsageError: a wrong argument, in one line.
    """
    try:
        result: Any = app(arguments)
    except CycloptsError as error:
        cause = error.__cause__
        if isinstance(cause, ValidationError):
            raise UsageError(first_fault(cause)) from None
        text = " ".join(str(error).split()).rstrip(".")
        raise UsageError(f"{text} ('{app.name[0]} --help' teaches)") from None
    return result if isinstance(result, int) else 0
