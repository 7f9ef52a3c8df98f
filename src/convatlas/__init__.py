"""convatlas: the classic convolutional networks, made real."""
