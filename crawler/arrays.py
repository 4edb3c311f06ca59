"""What numpy has, and takes long for. Imported where it is used: numpy takes a while to load. Pure."""

import numpy as np
from numpy.typing import NDArray


def each_once(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of 0 and up, ascending. np.unique hashes before it sorts, which takes ten times as long."""
    ascending = np.sort(numbers)
    return ascending[np.diff(ascending, prepend=-1) > 0]
