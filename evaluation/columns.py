"""Columns: names of features as the columns of sparse matrices."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain

import numpy as np
from scipy.sparse import csr_matrix


class Columns:
    """The names that at least some rows have, in order; a matrix leaves the others out."""

    def __init__(self, rows: Sequence[Collection[str]], least: int = 1) -> None:
        seen = Counter(chain.from_iterable(set(row) for row in rows))
        self.names = sorted(name for name, count in seen.items() if count >= least)
        self._at = {name: at for at, name in enumerate(self.names)}

    def ones(self, rows: Sequence[Collection[str]]) -> csr_matrix:
        """Return rows of names as a matrix with a one for each."""
        return self._matrix([[(at, 1.0) for at in self._found(row)] for row in rows])

    def shares(self, rows: Sequence[Collection[str]]) -> csr_matrix:
        """Return rows of names as a matrix; each name counts by the root of how many its row has."""
        return self._matrix([[(at, 1 / math.sqrt(len(row))) for at in self._found(row)] for row in rows])

    def _found(self, names: Collection[str]) -> list[int]:
        return sorted(self._at[name] for name in set(names) if name in self._at)

    def _matrix(self, rows: Sequence[Sequence[tuple[int, float]]]) -> csr_matrix:
        columns = [at for row in rows for at, _ in row]
        values = np.array([value for row in rows for _, value in row])
        starts = np.cumsum([0, *map(len, rows)])
        matrix = csr_matrix((values, columns, starts), shape=(len(rows), len(self.names)))
        matrix.sum_duplicates()
        return matrix
