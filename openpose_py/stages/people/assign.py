"""Stage 3 of 5: who belongs to whom. Pairs of rows and columns with the largest sum of gains."""

import numpy as np


def assign(gain: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column at most once, whose sum of gains is the largest.

    gain: (rows, columns), finite; pairs of gain 0 or less are never made. Rows and columns that
    share no positive gain, not even by way of others, cannot disturb each other: where first wishes
    collide, each such group is solved by itself.
    """
    if not gain.size:
        return []
    wishes = _first_wishes(gain)
    if wishes is not None:
        return wishes
    pairs: list[tuple[int, int]] = []
    for rows, columns in _groups(gain > 0):
        block = np.maximum(gain[rows][:, columns], 0).astype(np.float64)
        pairs += [(rows[row], columns[column]) for row, column in _best_pairs(block)]
    return sorted(pairs)


def _first_wishes(gain: np.ndarray) -> list[tuple[int, int]] | None:
    """Each row's best column, if no two rows want the same: no pairs can be better."""
    wishes, best = gain.argmax(1).tolist(), gain.max(1).tolist()
    pairs = [(row, column) for row, column in enumerate(wishes) if best[row] > 0]
    return pairs if len({column for _, column in pairs}) == len(pairs) else None


def _best_pairs(block: np.ndarray) -> list[tuple[int, int]]:
    """The same for a block of gains of 0 and more."""
    wishes = _first_wishes(block)
    if wishes is not None:
        return wishes
    if block.shape[0] > block.shape[1]:
        pairs = [(row, column) for column, row in _hungarian(block.T)]
    else:
        pairs = _hungarian(block)
    return [(row, column) for row, column in pairs if block[row, column] > 0]


def _groups(possible: np.ndarray) -> list[tuple[list[int], list[int]]]:
    """Rows and columns that hang together; those without any partner are left out."""
    columns_of: list[list[int]] = [[] for _ in range(possible.shape[0])]
    rows_of: list[list[int]] = [[] for _ in range(possible.shape[1])]
    for row, column in zip(*(places.tolist() for places in np.nonzero(possible)), strict=True):
        columns_of[row].append(column)
        rows_of[column].append(row)
    seen: set[int] = set()
    groups = []
    for start, partners in enumerate(columns_of):
        if start in seen or not partners:
            continue
        seen.add(start)
        rows, columns, fresh = [start], set(partners), [start]
        while fresh:
            reached = columns_of[fresh.pop()]
            columns.update(reached)
            for row in {row for column in reached for row in rows_of[column]} - seen:
                seen.add(row)
                rows.append(row)
                fresh.append(row)
        groups.append((sorted(rows), sorted(columns)))
    return groups


def _hungarian(gain: np.ndarray) -> list[tuple[int, int]]:
    """A partner for every row, of which there are no more than columns; by shortest augmenting
    paths."""
    cost = gain.max() - gain
    count, columns = cost.shape
    row_price, column_price = np.zeros(count), np.zeros(columns)
    row_of = np.full(columns, -1)
    for start in range(count):
        distance = np.full(columns, np.inf)
        came_from = np.full(columns, -1)
        done = np.zeros(columns, bool)
        row, column, so_far = start, -1, 0.0
        while row >= 0:
            onward = so_far + cost[row] - row_price[row] - column_price
            nearer = ~done & (onward < distance)
            distance[nearer], came_from[nearer] = onward[nearer], column
            column = int(np.where(done, np.inf, distance).argmin())
            so_far, done[column] = float(distance[column]), True
            row = int(row_of[column])
        row_price[start] += so_far
        settled = np.flatnonzero(done & (row_of >= 0))
        row_price[row_of[settled]] += so_far - distance[settled]
        column_price[done] -= so_far - distance[done]
        while column >= 0:
            before = int(came_from[column])
            row_of[column] = row_of[before] if before >= 0 else start
            column = before
    return [(int(row_of[column]), int(column)) for column in np.flatnonzero(row_of >= 0)]
