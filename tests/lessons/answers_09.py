"""Answers to lesson 09's exercises, right and wrong, as learners write them."""

import numpy as np

# --- the size of the output --------------------------------------------------------------------

SIZE = "def output_size(n, kernel, stride, padding):\n    "

OUTPUT_SIZE_RIGHT = [
    SIZE + "return (n + 2 * padding - kernel) // stride + 1",
    SIZE + "return (n + padding + padding - kernel + stride) // stride",
    SIZE + "return int((n + 2 * padding - kernel) / stride) + 1",
    SIZE + "return math.floor((n + 2 * padding - kernel) / stride + 1)",
    SIZE + "return math.ceil((n + 2 * padding - kernel + 1) / stride)",
    SIZE + "return len(range(0, n + 2 * padding - kernel + 1, stride))",
    SIZE + "return 1 + divmod(n + 2 * padding - kernel, stride)[0]",
    SIZE + "return np.arange(0, n + 2 * padding - kernel + 1, stride).size",
    SIZE + "return int(np.floor_divide(n + 2 * padding - kernel, stride)) + 1",
    SIZE + "return torch.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, kernel), None, stride, "
    "padding).shape[-1]",
    SIZE
    + "return torch.nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, n, n)).shape[2]",
    SIZE + "return sum(1 for left in range(-padding, n + padding - kernel + 1) "
    "if (left + padding) % stride == 0)",
    SIZE + "return -(-(n + 2 * padding - kernel + 1) // stride)",
    "output_size = lambda n, k, s=1, p=0: (n + 2 * p - k) // s + 1",
    """def output_size(n, kernel, stride, padding):
    n += 2 * padding
    n -= kernel
    n //= stride
    return n + 1""",
    """def output_size(n, kernel, stride, padding):
    size, left = 0, 0
    while left + kernel <= n + 2 * padding:
        size += 1
        left += stride
    return size""",
    """def output_size(n, kernel, stride, padding):
    free = torch.tensor(n + 2 * padding - kernel)
    return torch.div(free, stride, rounding_mode="floor") + 1""",
]
OUTPUT_SIZE_WRONG = [
    SIZE + "return (n + 2 * padding - kernel) // stride",
    SIZE + "return (n + padding - kernel) // stride + 1",
    SIZE + "return (n + 2 * padding - kernel) / stride + 1",
    SIZE + "return (n + 2 * padding) // stride",
    SIZE + "return (n + 2 * padding - kernel + 1) // stride",
    SIZE + "return (n - 1) * stride + kernel - 2 * padding",
    SIZE + "return n // stride",
    SIZE + "return round((n + 2 * padding - kernel) / stride) + 1",
    SIZE + "return (n - kernel) // stride + 1 + 2 * padding",
    SIZE + "return math.ceil((n + 2 * padding - kernel) / stride) + 1",
    SIZE + "return (n - 2 * padding - kernel) // stride + 1",
    SIZE + "return ((n + 2 * padding - kernel) // stride + 1) ** 2",
]

# --- stamps ------------------------------------------------------------------------------------

STAMPING = """def stamp(y, kernel, stride):
    n, k = len(y), len(kernel)
    x = np.zeros(((n - 1) * stride + k,) * 2)
    for i in range(n):
        for j in range(n):
            rows, columns = slice(i * stride, i * stride + k), slice(j * stride, j * stride + k)
            {line}
    return x"""

STAMP_LINES = [
    "x[rows, columns] += y[i, j] * kernel",
    "x[rows, columns] = x[rows, columns] + kernel * y[i][j]",
    "x[rows, columns] += np.multiply(y[i, j], kernel)",
    "x[rows][:, columns] += np.outer([y[i, j]], kernel).reshape(k, k)",
    "x[i * stride:i * stride + k, j * stride:j * stride + k] += y[i, j] * kernel",
    "np.add(x[rows, columns], y[i, j] * kernel, out=x[rows, columns])",
    "x[rows, columns] -= -y[i, j] * kernel",
    "x[rows, columns] += np.array([[y[i, j] * w for w in row] for row in kernel])",
    """for a in range(k):
                for b in range(k):
                    x[i * stride + a, j * stride + b] += y[i, j] * kernel[a, b]""",
]
STAMP_RIGHT = [
    *[STAMPING.format(line=line) for line in STAMP_LINES],
    """def stamp(y, kernel, stride):
    as_tensor = lambda a: torch.tensor(a, dtype=torch.float32)[None, None]
    return torch.conv_transpose2d(as_tensor(y), as_tensor(kernel), stride=stride)[0, 0]""",
    """def stamp(y, kernel, stride):
    n, k = len(y), len(kernel)
    x = [[0.0] * ((n - 1) * stride + k) for _ in range((n - 1) * stride + k)]
    for i in range(n):
        for j in range(n):
            for a in range(k):
                for b in range(k):
                    x[i * stride + a][j * stride + b] += float(y[i, j] * kernel[a, b])
    return x""",
    """def stamp(y, kernel, stride):
    n, k = len(y), len(kernel)
    size = (n - 1) * stride + k
    def alone(i, j):
        x = np.zeros((size, size))
        x[i * stride:i * stride + k, j * stride:j * stride + k] = kernel
        return y[i, j] * x
    return sum(alone(i, j) for i in range(n) for j in range(n))""",
    """def stamp(y, kernel, stride):
    n, k = len(y), len(kernel)
    spread = np.zeros((n, (n - 1) * stride + k))
    x = np.zeros(((n - 1) * stride + k,) * 2, dtype=np.float32)
    for a in range(k):
        for b in range(k):
            x[a:a + (n - 1) * stride + 1:stride, b:b + (n - 1) * stride + 1:stride] += (
                kernel[a, b] * y)
    return x""",
    """def stamp(y, kernel, stride=1):
    n, k = len(y), len(kernel)
    x = torch.zeros((n - 1) * stride + k, (n - 1) * stride + k, dtype=torch.float64)
    for (i, j), number in np.ndenumerate(y):
        x[i * stride:i * stride + k, j * stride:j * stride + k] += number * torch.tensor(kernel)
    return x.numpy()""",
]
STAMP_WRONG = [
    *[
        STAMPING.format(line=line)
        for line in (
            "x[rows, columns] = y[i, j] * kernel",
            "x[rows, columns] += kernel",
            "x[rows, columns] += y[i, j] + kernel",
            "x[rows, columns] += y[j, i] * kernel",
            "x[rows, columns] += y[i, j] * kernel[::-1, ::-1]",
            "x[rows, columns] += y[i, j] * kernel.T",
            "x[columns, rows] += y[i, j] * kernel",
            "x[rows, columns] += y[i, j]",
            "x[rows, columns] += y[i, j] * kernel / k**2",
            "x[i, j] += np.sum(y[i, j] * kernel)",
            "x[rows, columns] = np.maximum(x[rows, columns], y[i, j] * kernel)",
        )
    ],
    "def stamp(y, kernel, stride):\n    return np.kron(y, kernel)",
]

# --- even stamps -------------------------------------------------------------------------------

EVEN = "def is_even(kernel, stride):\n    "

IS_EVEN_RIGHT = [
    EVEN + "return kernel % stride == 0",
    EVEN + "return not kernel % stride",
    EVEN + "return (kernel / stride).is_integer()",
    EVEN + "return kernel // stride * stride == kernel",
    EVEN + "return math.gcd(kernel, stride) == stride",
    EVEN + "return math.fmod(kernel, stride) == 0",
    EVEN + "return divmod(kernel, stride)[1] == 0",
    EVEN + "return kernel in range(stride, 100, stride)",
    EVEN + "return bool(np.mod(kernel, stride) == 0)",
    EVEN + "return torch.remainder(torch.tensor(kernel), stride) == 0",
    EVEN + "return int(kernel % stride == 0)",
    EVEN + "return any(kernel == m * stride for m in range(1, kernel + 1))",
    "is_even = lambda k, s: k % s < 1",
    """def is_even(kernel, stride):
    even = False
    if kernel % stride == 0:
        even = True
    return even""",
    """def is_even(kernel, stride):
    counts = np.zeros(40 * stride + kernel, dtype=int)
    for i in range(40):
        counts[i * stride:i * stride + kernel] += 1
    inner = counts[10 * stride:30 * stride]
    return inner.min() == inner.max()""",
    """def is_even(kernel, stride):
    while kernel > 0:
        kernel -= stride
    return kernel == 0""",
]
IS_EVEN_WRONG = [
    EVEN + wrong
    for wrong in (
        "return kernel % 2 == 0",
        "return stride % kernel == 0",
        "return kernel == stride",
        "return kernel >= stride",
        "return kernel % stride != 0",
        "return kernel % stride",
        "return (kernel - stride) % 2 == 0",
        "return kernel // stride == 0",
        "return True",
        "return kernel / stride",
        "return kernel % stride == 0 and kernel > stride",
    )
]

# --- multiplications ---------------------------------------------------------------------------

COUNT = "def multiplications(c_in, c_out, kernel, size):\n    "

MULTIPLICATIONS_RIGHT = [
    COUNT + "return c_in * c_out * kernel**2 * size**2",
    COUNT + "return c_in * kernel * kernel * c_out * size * size",
    COUNT + "return c_in * c_out * (kernel * size) ** 2",
    COUNT + "return math.prod([c_in, c_out, kernel, kernel, size, size])",
    COUNT + "return int(np.prod([c_in, c_out, kernel**2, size**2]))",
    COUNT + "return np.prod((c_in, c_out, kernel, kernel, size, size), dtype=float)",
    COUNT + "return torch.tensor([c_in, c_out, kernel**2, size**2]).prod()",
    COUNT + "return torch.nn.Conv2d(c_in, c_out, kernel, bias=False).weight.numel() * size**2",
    COUNT + "return sum(c_in * kernel**2 for _ in range(c_out * size**2))",
    COUNT + "return pow(size, 2) * pow(kernel, 2) * c_in * c_out",
    "multiplications = lambda a, b, k, m: a * b * k * k * m * m",
    "def multiplications(c_in, c_out, kernel=3, size=1):\n    return c_in*c_out*kernel**2*size**2",
    """def multiplications(c_in, c_out, kernel, size):
    weights = c_in * c_out * kernel**2
    places = size * size
    return weights * places""",
    """def multiplications(c_in, c_out, kernel, size):
    count = 0
    for _ in range(c_out):
        for _ in range(size):
            count += size * kernel * kernel * c_in
    return count""",
    """def multiplications(c_in, c_out, kernel, size):
    count = c_in
    count *= c_out
    count *= kernel**2
    count *= size**2
    return count""",
]
MULTIPLICATIONS_WRONG = [
    COUNT + wrong
    for wrong in (
        "return c_in * c_out * kernel**2",
        "return c_in * c_out * kernel * size**2",
        "return c_out * kernel**2 * size**2",
        "return c_in * kernel**2 * size**2",
        "return c_in * c_out * kernel**2 * size",
        "return (c_in + c_out) * kernel**2 * size**2",
        "return 2 * c_in * c_out * kernel**2 * size**2",
        "return c_in * c_out * kernel**2 * size**2 + c_out",
        "return c_in * c_out * size**2",
        "return c_in * c_out * (size - kernel + 1)**2 * kernel**2",
        "return (c_in * c_out * kernel * size)**2",
    )
]

RIGHT = {
    "output_size": OUTPUT_SIZE_RIGHT,
    "stamp": STAMP_RIGHT,
    "is_even": IS_EVEN_RIGHT,
    "multiplications": MULTIPLICATIONS_RIGHT,
}
WRONG = {
    "output_size": OUTPUT_SIZE_WRONG,
    "stamp": STAMP_WRONG,
    "is_even": IS_EVEN_WRONG,
    "multiplications": MULTIPLICATIONS_WRONG,
}


def goes_down_and_up(output_size):
    """The lesson goes back up from the size, by the formula of section 2."""
    for kernel, stride, up in ((4, 2, 28), (3, 1, 28), (3, 2, 27)):
        assert (output_size(28, kernel, stride, 1) - 1) * stride + kernel - 2 == up


def stamps_whole_numbers(stamp):
    """The lesson stamps arrays of whole numbers, and flattens what comes out."""
    y, kernel = np.array([[1, 2], [0, -1]]), np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    assert stamp(y, kernel, 2).ravel().sum() == y.sum() * kernel.sum()
    assert y.tolist() == [[1, 2], [0, -1]]


def chooses_kernels(is_even):
    """The lesson lists the even kernels."""
    assert [k for k in range(1, 9) if is_even(k, 2)] == [2, 4, 6, 8]


def adds_up(multiplications):
    """The lesson adds up D's layers."""
    assert multiplications(4, 16, 3, 14) + multiplications(16, 32, 4, 7) + 32 * 49 == 515_872


GOES_ON = {
    "output_size": goes_down_and_up,
    "stamp": stamps_whole_numbers,
    "is_even": chooses_kernels,
    "multiplications": adds_up,
}
