"""The yardstick: a FastAPI route that only decodes a picture, on plain uvicorn."""

import io
import sys

import uvicorn
from fastapi import FastAPI, Request
from PIL import Image

app = FastAPI()


@app.get("/health")
async def health() -> str:
    return "ok"


@app.post("/decode")
async def decode(request: Request) -> dict[str, int]:
    image = Image.open(io.BytesIO(await request.body()))
    image.load()
    return {"width": image.width, "height": image.height}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
