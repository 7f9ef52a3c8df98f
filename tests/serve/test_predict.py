import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.serve.subjects import BUILT_IN_RUN
from convatlas.verbs.predict import predict

DIGIT = Path(__file__).parent / "data" / "digit.png"


def png(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def drawn(digit: bytes = DIGIT.read_bytes()) -> Image.Image:
    """As somebody draws it: large, dark on light, not in the middle."""
    large = Image.open(io.BytesIO(digit)).resize((168, 168), Image.Resampling.BICUBIC)
    sheet = Image.new("L", (320, 240), 255)
    sheet.paste(Image.fromarray(255 - np.asarray(large)), (120, 30))
    return sheet


def test_a_digit_is_told(site) -> None:
    answer = site.http.post("/v1/predict?top=3", content=DIGIT.read_bytes())
    assert answer.status_code == 200
    found = answer.json()
    assert found["run"] == "lenet5" and found["answers"][0]["class"] == "3"
    shares = [one["probability"] for one in found["answers"]]
    assert len(shares) == 3 and shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9 and found["milliseconds"] > 0


def test_it_says_what_the_command_says(site, tmp_path: Path) -> None:
    file = tmp_path / "drawn.png"
    drawn().save(file)
    said = predict(BUILT_IN_RUN, [file], top=10, device="cpu").predictions[0]
    answers = site.http.post("/v1/predict", content=file.read_bytes()).json()["answers"]
    assert [one["class"] for one in answers][:3] == [one.name for one in said.answers][
        :3
    ]
    for ours, theirs in zip(answers, said.answers, strict=True):
        assert ours["probability"] == pytest.approx(theirs.probability, abs=1e-4)
    assert answers[0]["class"] == "3"


def test_several_files_of_a_form_are_answered_in_order(site) -> None:
    files = [
        ("file", ("three.png", DIGIT.read_bytes(), "image/png")),
        ("file", ("../../etc/passwd", b"root:x:0:0", "image/png")),
        ("file", ("drawn.png", png(drawn()), "text/plain")),
    ]
    results = site.http.post("/v1/predict?top=1", files=files).json()["results"]
    assert [one["file"] for one in results] == ["three.png", "passwd", "drawn.png"]
    assert results[0]["answers"][0]["class"] == results[2]["answers"][0]["class"] == "3"
    assert results[1]["error"]["code"] == "not_a_picture"


def test_a_form_with_one_file_is_answered_like_a_body(site) -> None:
    files = {"file": ("three.png", DIGIT.read_bytes())}
    assert "answers" in site.http.post("/v1/predict", files=files).json()


def test_requests_that_arrive_together_get_their_own_answers(site) -> None:
    from convatlas.data import load

    split = load().validation
    pictures = [png(Image.fromarray(image[0].numpy())) for image in split.images[::10]]

    def asked(picture: bytes) -> str:
        answer = site.http.post("/v1/predict?top=1", content=picture)
        return str(answer.json()["answers"][0]["class"])

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(asked, pictures))
    assert together == [asked(picture) for picture in pictures]
    right = [
        int(a) == int(b) for a, b in zip(together, split.labels[::10], strict=True)
    ]
    assert np.mean(right) > 0.9


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("run=nobody", 404, "run_unknown"),
        ("run=../../etc", 404, "run_unknown"),
        ("run=reader", 422, "reads_numbers"),
        ("top=0", 422, "value_invalid"),
        ("top=many", 422, "value_invalid"),
        ("top=99999999999999999999", 422, "value_invalid"),
    ],
)
def test_what_cannot_be_asked_is_told(site, query, status, code) -> None:
    answer = site.http.post(f"/v1/predict?{query}", content=DIGIT.read_bytes())
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code and "\n" not in error["message"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "no_picture"),
        (b"no picture at all", 415, "not_a_picture"),
        (DIGIT.read_bytes()[:120], 400, "picture_unreadable"),
        (png(Image.new("L", (50, 80), 200)), 422, "picture_blank"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", 415, "not_a_picture"),
    ],
)
def test_what_is_no_picture_of_a_digit_is_told(site, content, status, code) -> None:
    answer = site.http.post("/v1/predict", content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_numbers_in_answers_are_finite_json(site) -> None:
    text = site.http.post("/v1/predict", content=png(drawn())).text

    def refuse(name: str) -> float:
        raise AssertionError(name)

    json.loads(text, parse_constant=refuse)


def test_a_picture_is_turned_upright_and_its_notes_are_not_given_back(site) -> None:
    sheet = drawn()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    exif[0x010E] = "a secret note"
    turned = png(sheet.rotate(90, expand=True), exif=exif)
    plain = site.http.post("/v1/predict", content=png(sheet)).json()["answers"]
    answer = site.http.post("/v1/predict", content=turned)
    assert answer.json()["answers"] == plain
    assert "secret" not in answer.text
