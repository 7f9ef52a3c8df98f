"""Runs as ONNX files, raw pixels in: nothing of convatlas is needed to use them.

Only this room needs the extra ``export`` (onnx, onnxscript).
"""
