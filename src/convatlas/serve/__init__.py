"""``convatlas serve``: the page, and the API under it, on FastAPI (extra ``serve``).

It starts without torch: predicting and reading go through ONNX Runtime. What needs
torch is imported by the first request that needs it, in a thread of its own.

=============  =================================================================
settings       what the user chose, checked
process        the socket, the signals, uvicorn
app            all routes under one guard
guard          what every request goes through: ``access``, ``rate``, limits, headers
served         what the routes share: the subjects by id, the limits, threads
subjects       a run that is served; ``exports`` makes its ONNX file
uploads        pictures out of a request's body
predict, read  the two answers of ONNX Runtime; ``batches`` joins requests
inside/        looking into a network; ``atlas``: the networks; ``training/``
page/          what a browser loads
=============  =================================================================
"""
