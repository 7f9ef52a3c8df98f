import subprocess
import sys

import convatlas

PUBLIC = [
    "ConvatlasError",
    "Dataset",
    "ImageSpec",
    "LabelSpec",
    "Recipe",
    "Run",
    "Variant",
    "build",
    "evaluate",
    "explain",
    "find_lr",
    "load_data",
    "predict",
    "read",
    "resume",
    "trace",
    "train",
    "variants",
]


def test_the_public_names_are_these_and_all_are_there() -> None:
    assert convatlas.__all__ == PUBLIC == dir(convatlas)
    for name in PUBLIC:
        assert callable(getattr(convatlas, name))


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = (
        "import sys, convatlas; print('torch' in sys.modules, 'PIL' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


def test_verbs_are_functions_even_after_their_modules_were_imported() -> None:
    import convatlas.verbs.train

    assert convatlas.train.__name__ == "train"
