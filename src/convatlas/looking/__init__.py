"""Looking into a network while it looks at a picture; nothing is changed by it.

================= ==============================================================
``subjects``      an id, or a run, as network, preparation and layer table
``activations``   one forward, and what every row of the table gave
``maps``          of each row the channels with the most energy, small enough to show
``kernels``       the weights of a layer as slices
``arithmetic``    one value of an output, step by step
``regions``       what a unit depends on, in the input and in every map before
``message``       maps as bytes for a page; needs numpy alone
================= ==============================================================
"""
