"""Training side by side: the tutorial's loop, five libraries, and convatlas.

Two tasks, the same network, batch, epochs, optimizer and learning rate on every side,
each side written as its own documentation shows and run in a process of its own::

    make bench          # everything, see docs/results/peers.md for how long
    make bench-quick    # parts of an epoch, two minutes
"""
