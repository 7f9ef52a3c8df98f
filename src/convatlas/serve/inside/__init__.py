"""Looking into a network over HTTP.

============= ==================================================================
routes        ``/v1/explain``, ``/v1/runs/ID/structure`` and what belongs to them
asked         what these requests have in common
turns         one request after the other; the overtaken are dropped
opened        the last networks that were looked into, ready to be asked again
looks         what is computed, as bytes or models
exciting      the parts of pictures that excite a channel, found once
structure     the layers of a network, its branches and foldable stages
answers       what the routes answer with, as models
============= ==================================================================
"""
