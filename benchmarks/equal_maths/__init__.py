"""Images per second at equal maths: the tutorials' loops against convatlas.

The same network, batch, optimizer and learning rate; weights come out equal but for
rounding, which ``tests/benchmarks/test_equal_maths.py`` proves::

    python -m benchmarks.equal_maths --out docs/results/equal-maths.md
"""
