"""Keras on torch: the networks in Keras' layers, model.fit on numpy arrays."""

import os

os.environ["KERAS_BACKEND"] = "torch"

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task


class Timing(keras.callbacks.Callback):
    """Starts and stops the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.clock.start()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.clock.stop()


def lenet(size: int) -> keras.Model:
    """lenet5-tanh."""
    return keras.Sequential(
        [
            layers.Input((size, size, 1)),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(120, 5, activation="tanh"),
            layers.Flatten(),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10),
        ]
    )


def resnet(size: int) -> keras.Model:
    """resnet18-gray; strided layers are padded as keras.applications pads them."""
    inputs = layers.Input((size, size, 1))
    x = layers.Conv2D(64, 7, strides=2)(layers.ZeroPadding2D(3)(inputs))
    x = layers.ReLU()(_norm()(x))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    channels = 64
    for width in (64, 128, 256, 512):
        for block in range(2):
            stride = 2 if block == 0 and width > 64 else 1
            x = _block(x, channels, width, stride)
            channels = width
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def _norm() -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def _block(x: Any, channels: int, width: int, stride: int) -> Any:
    padded = layers.ZeroPadding2D(1)(x) if stride > 1 else x
    padding = "valid" if stride > 1 else "same"
    y = layers.Conv2D(width, 3, strides=stride, padding=padding)(padded)
    y = layers.ReLU()(_norm()(y))
    y = _norm()(layers.Conv2D(width, 3, padding="same")(y))
    if channels != width:
        x = layers.Conv2D(width, 1, strides=stride)(x)
    return layers.ReLU()(layers.Add()([x, y]))


def arrays(task: Task, root: Path, prefix: str) -> tuple[Any, Any]:
    """Pictures N H W 1, float32, padded and normalised, and labels."""
    raw = root / task.pictures.folder / "raw"
    pixels = np.fromfile(raw / f"{prefix}-images-idx3-ubyte", np.uint8, offset=16)
    labels = np.fromfile(raw / f"{prefix}-labels-idx1-ubyte", np.uint8, offset=8)
    images = pixels.reshape(-1, 28, 28, 1)
    sides = (task.border, task.border)
    images = np.pad(images, ((0, 0), sides, sides, (0, 0)))
    (mean,), (std,) = task.pictures.mean, task.pictures.std
    normalised = (images.astype("float32") / 255 - mean) / std
    return normalised, labels.astype("int64")


def run(task: Task, root: Path) -> Outcome:
    """Trains and tests as Keras' documentation does."""
    x_train, y_train = arrays(task, root, "train")
    x_test, y_test = arrays(task, root, "t10k")
    model = resnet(task.size) if task.border else lenet(task.size)
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=task.lr),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    timing = Timing()
    model.fit(
        x_train[: task.count],
        y_train[: task.count],
        batch_size=task.batch,
        epochs=task.epochs,
        callbacks=[timing],
        verbose=0,
    )
    _, accuracy = model.evaluate(x_test, y_test, batch_size=task.batch, verbose=0)
    return Outcome(
        epochs=timing.clock.epochs,
        pictures=task.count,
        accuracy=float(accuracy),
        parameters=sum(int(np.prod(w.shape)) for w in model.trainable_weights),
        version=keras.__version__,
        how=f"model.fit on arrays, backend {keras.backend.backend()}",
    )
