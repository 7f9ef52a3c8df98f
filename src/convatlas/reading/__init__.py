"""Reading house numbers in pictures, with ONNX Runtime and without torch.

A picture goes through two networks: one finds the number, one reads what was cut out.
Which networks, how they look and how sure they must be lies in a *reader bundle*, a
folder that ``convatlas export`` makes (``bundle``). One bundle comes with the package.
"""
