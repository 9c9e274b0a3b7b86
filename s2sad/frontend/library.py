"""Functions of the standard library in the language that is compiled.

They are lowered like the user's own: inlined, their loops written out where the elements
are known one by one. Signatures as in the library; generators give lists.
"""

# mypy: ignore-errors


def reduce(function, iterable, initial):
    value = initial
    for item in iterable:
        value = function(value, item)
    return value


def reduce_nonempty(function, iterable):
    value = iterable[0]
    for item in iterable[1:]:
        value = function(value, item)
    return value


def map_one(function, items):
    return [function(item) for item in items]


def map_two(function, xs, ys):
    return [function(x, y) for x, y in zip(xs, ys)]  # noqa: B905


def map_three(function, xs, ys, zs):
    return [function(x, y, z) for x, y, z in zip(xs, ys, zs)]  # noqa: B905


def filter_by(function, items):
    return [item for item in items if function(item)]


def filter_true(items):
    return [item for item in items if item]


def transposed(rows):
    made = []
    if len(rows) > 0:
        for k in range(min([len(row) for row in rows])):
            made.append([row[k] for row in rows])
    return made


def numbers(items):
    return [+item for item in items]


def accumulate(items):
    made = []
    total = 0.0
    first = True
    for item in items:
        if first:
            total = item
            first = False
        else:
            total = total + item
        made.append(total)
    return made


def accumulate_with(items, function):
    made = [items[0]]
    total = items[0]
    for item in items[1:]:
        total = function(total, item)
        made.append(total)
    return made


def accumulate_from(items, function, initial):
    made = [initial]
    total = initial
    for item in items:
        total = function(total, item)
        made.append(total)
    return made


def product_of_two(xs, ys):
    return [(x, y) for x in xs for y in ys]


def product_of_three(xs, ys, zs):
    return [(x, y, z) for x in xs for y in ys for z in zs]


def combinations_of_two(items):
    return [(items[i], items[j]) for i in range(len(items)) for j in range(i + 1, len(items))]


def combinations_of_three(items):
    n = len(items)
    return [
        (items[i], items[j], items[k])
        for i in range(n)
        for j in range(i + 1, n)
        for k in range(j + 1, n)
    ]


def permutations_of_two(items):
    n = len(items)
    return [(items[i], items[j]) for i in range(n) for j in range(n) if i != j]


def pairwise(items):
    return [(items[i], items[i + 1]) for i in range(len(items) - 1)]


def max_by(items, key):
    best = items[0]
    largest = key(best)
    for item in items[1:]:
        value = key(item)
        if value > largest:
            best = item
            largest = value
    return best


def min_by(items, key):
    best = items[0]
    smallest = key(best)
    for item in items[1:]:
        value = key(item)
        if value < smallest:
            best = item
            smallest = value
    return best


def gathered(items, order):
    return [items[k] for k in order]


def sliced(items, start, stop, step):
    return [items[k] for k in range(start, stop, step)]


def index_of(items, value):
    for k in range(len(items)):
        if items[k] == value:
            return k
    raise ValueError("the value is not in the list")


def removed_from(items, value):
    for k in range(len(items)):
        if items[k] == value:
            return k
    raise ValueError("list.remove(x): x not in list")


def equal_dicts(a, b):
    if len(a) != len(b):
        return False
    for key, value in a.items():
        if key not in b:
            return False
        if b[key] != value:
            return False
    return True


def count_of(items, value):
    count = 0
    for item in items:
        if item == value:
            count += 1
    return count


def concatenated(xs, ys):
    made = []
    for x in xs:
        made.append(x)
    for y in ys:
        made.append(y)
    return made


def repeated(items, times):
    made = []
    for _ in range(times):
        for item in items:
            made.append(item)
    return made


def joined_rows(rows):
    made = []
    for row in rows:
        for item in row:
            made.append(item)
    return made


def itemgetter(key):
    return lambda obj: obj[key]


def itemgetter_two(first, second):
    return lambda obj: (obj[first], obj[second])


def update(made, other):
    for key, value in other.items():
        made[key] = value


def dict_of(pairs):
    made = {}
    for key, value in pairs:
        made[key] = value
    return made


def fromkeys(keys, value):
    made = {}
    for key in keys:
        made[key] = value
    return made


def largest(items):
    best = items[0]
    for item in items[1:]:
        if item > best:
            best = item
    return best


def smallest(items):
    best = items[0]
    for item in items[1:]:
        if item < best:
            best = item
    return best


def takewhile(predicate, items):
    made = []
    for item in items:
        if not predicate(item):
            break
        made.append(item)
    return made


def dropwhile(predicate, items):
    made = []
    dropping = True
    for item in items:
        if dropping and predicate(item):
            continue
        dropping = False
        made.append(item)
    return made


def filterfalse(predicate, items):
    return [item for item in items if not predicate(item)]


def starmap(function, items):
    return [function(*item) for item in items]


def repeated_value(value, times):
    return [value for _ in range(times)]


def zip_longest(a, b, fillvalue):
    return [
        (a[k] if k < len(a) else fillvalue, b[k] if k < len(b) else fillvalue)
        for k in range(max(len(a), len(b)))
    ]


def counted(start, step, length):
    made = []
    value = start
    for _ in range(length):
        made.append(value)
        value = value + step
    return made


def cycled(items, length):
    return [items[k % len(items)] for k in range(length)]


class Iterator:
    def __init__(self, items):
        self.items = items
        self.at = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.at >= len(self.items):
            raise StopIteration
        value = self.items[self.at]
        self.at += 1
        return value


def next_or(it, default):
    if it.at >= len(it.items):
        return default
    return it.__next__()


def next_of_or(it, default):
    try:
        return it.__next__()
    except StopIteration:
        return default


def used_up(it):
    made = []
    while True:
        try:
            value = it.__next__()
        except StopIteration:
            break
        made.append(value)
    return made


class Deque:
    def __init__(self, items=(), maxlen=None):
        self.items = []
        self.maxlen = maxlen
        self.extend(items)

    def append(self, value):
        if self.maxlen is not None and len(self.items) >= self.maxlen:
            self.items.pop(0)
        self.items.append(value)

    def appendleft(self, value):
        if self.maxlen is not None and len(self.items) >= self.maxlen:
            self.items.pop()
        self.items.insert(0, value)

    def extend(self, values):
        for value in list(values):
            self.append(value)

    def extendleft(self, values):
        for value in values:
            self.appendleft(value)

    def pop(self):
        return self.items.pop()

    def popleft(self):
        return self.items.pop(0)

    def clear(self):
        self.items.clear()

    def reverse(self):
        self.items.reverse()

    def index(self, value):
        return self.items.index(value)

    def count(self, value):
        return self.items.count(value)

    def rotate(self, n=1):
        for _ in range(n):
            self.items.insert(0, self.items.pop())
        for _ in range(-n):
            self.items.append(self.items.pop(0))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        return self.items[k]

    def __setitem__(self, k, value):
        self.items[k] = value

    def __contains__(self, value):
        return value in self.items

    def __iter__(self):
        return self.items
