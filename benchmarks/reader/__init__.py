"""Readers of house numbers side by side, on the same pictures (protocol P).

Ours and four ready-made ones read whole pictures and true crops, each in a process of
its own on one core, a picture at a time::

    make bench-reader         # validation pictures; page in build/
    make bench-reader-test    # test pictures, once for the reader that is kept

The peers live in an environment of their own and know nothing of convatlas; what they
said is kept, so that only a changed reader is asked again.
"""
