"""Looking into a network over HTTP.

============= ==================================================================
turns         one request after the other; the overtaken are dropped
opened        the last networks that were looked into, ready to be asked again
structure     the layers of a network, its branches and foldable stages
answers       what the routes answer with, as models
routes        ``/v1/explain``, ``/v1/runs/ID/structure`` and what belongs to them
============= ==================================================================
"""
