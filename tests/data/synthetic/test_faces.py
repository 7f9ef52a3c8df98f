from importlib.resources import files

import numpy as np

from convatlas.data.synthetic.faces import CHARACTERS, FACES, characters


def test_no_family_is_in_two_splits() -> None:
    families = [{face.family for face in faces} for faces in FACES.values()]
    assert sum(map(len, families)) == len(set.union(*families))
    assert len(families[0]) >= 12 and min(map(len, families)) >= 3


def test_every_file_is_used_and_has_its_licence() -> None:
    used = {
        (face.family, f"{face.family}-latin-{face.weight}-normal.woff2")
        for faces in FACES.values()
        for face in faces
    }
    folder = files("convatlas.data.synthetic") / "faces"
    there = set()
    for family in folder.iterdir():
        licence = (family / "LICENSE").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        assert licence.startswith("Copyright")
        there |= {
            (family.name, file.name)
            for file in family.iterdir()
            if file.name != "LICENSE"
        }
    assert there == used


def test_every_face_has_ten_different_digits() -> None:
    for faces in FACES.values():
        for face in faces:
            drawn = characters(face)
            assert set(drawn) == set(CHARACTERS)
            masks = {drawn[digit].mask.tobytes() for digit in "0123456789"}
            assert len(masks) == 10, face
            for digit in "0123456789":
                item = drawn[digit]
                assert np.asarray(item.mask).max() == 255
                # old-style figures have some that rise and some that hang
                assert 0.6 < item.mask.height / drawn["0"].mask.height < 1.6, face
                assert abs(item.rise - item.mask.height) < 0.6 * item.rise, face
