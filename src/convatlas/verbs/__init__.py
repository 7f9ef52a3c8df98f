"""One verb each: takes names, a recipe or a run, returns a typed result.

The rooms of rank 1 meet here; how a result is shown is decided elsewhere.
"""
