"""How many pictures a network gets at a time, so that its maps fit the memory."""

VALUES = 2**21  # of the input; the maps of a deep network take some hundred times that


def at_once(values: int, most: int) -> int:
    """Pictures in a batch, at least one.

    Args:
        values: of one picture: channels × height × width.
        most: where pictures are small.
    """
    return max(min(VALUES // max(values, 1), most), 1)
