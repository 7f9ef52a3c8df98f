"""What made a network say what it says: heat maps, their sanity, what excites a unit.

Knows modules, tensors and the anatomy; pictures come in as the network takes them. Only
one thread at a time may look into a network; it is left as it was.

From ``importance.targets``::

    target_of(answers, kind="class", asked=None, digit=0) -> Target
        answers: the network's output for one picture, without the batch's dimension;
        kind: of the answers, as ``networks.registry.Variant.answers`` says;
        asked: a class (0 ... 9, 10: no digit), the likeliest when None;
        digit: place in the number from 0 on, or ``"length"``.
    answers_of(network, picture) -> Tensor

From ``importance.heat``::

    heat_map(network, picture, method, target=None, *, layer=None, blank=None)
            -> HeatMap
        picture: C H W, float, pre-processed; method: one of METHODS;
        target: as above, the likeliest class when None;
        layer: of Grad-CAM, dotted path; blank: C numbers, a pixel that shows nothing.
    HeatMap.values: H W, numpy float32, of the input's size; .signed, .layer, .note ...

From ``importance.blank``: ``blank_of(subject)`` gives that pixel for a subject.

From ``importance.sanity``: ``check_sanity(network, pictures, methods) -> Sanity``.

From ``importance.pictures``: ``Pictures``, the pictures of a split in batches.

From ``importance.exciting``::

    most_exciting(network, layer, pictures, channels=None, count=9)
        -> dict of tuples of Exciting by channel (.pixels C h w uint8, .value, .label)

From ``importance.features``: ``features_of(network, pictures) -> Features``; from
``importance.embedding``: ``embed(features, method)``; from ``importance.similar``:
``nearest(network, queries, pictures, count)``.
"""
