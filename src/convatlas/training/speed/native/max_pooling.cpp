// Max pooling of maps whose channels lie side by side (N H W C), a rectifier after it if
// wanted, and the gradient of both. The same numbers as torch's, bit for bit: the first
// of equal values is the greatest, and gradients are added in the order of the windows.
// Compiled with KERNEL, STRIDE (of windows as high as wide) and VALUE.

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace {

using Size = std::int64_t;
using Value = VALUE;  // float, or std::uint16_t with the bits of a bf16

constexpr std::uint8_t NONE = 255;  // the greatest is not positive and rectified
constexpr Size FEWEST = 1 << 15;    // numbers of a map that are worth a second thread

struct Pooling {  // as max_pooling.py has it
    Size images, height, width, channels, out_height, out_width, padding, rectify;
};

// N channels at once; the compiler makes them what the processor has.
template <int N>
struct Vectors;
#define VECTORS(N)                                                      \
    template <>                                                         \
    struct Vectors<N> {                                                 \
        typedef float Floats __attribute__((vector_size(4 * N)));       \
        typedef std::int32_t Numbers __attribute__((vector_size(4 * N))); \
        typedef std::uint32_t Bits __attribute__((vector_size(4 * N))); \
        typedef std::uint16_t Halves __attribute__((vector_size(2 * N))); \
        typedef std::uint8_t Bytes __attribute__((vector_size(N)));     \
    };
VECTORS(1)
VECTORS(2)
VECTORS(4)
VECTORS(8)
VECTORS(16)

template <class Vector, class Value>
Vector copied(const Value *from) {
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

template <class Vector, class Value>
void copy(Value *to, Vector vector) {
    std::memcpy(to, &vector, sizeof vector);
}

template <int N>
struct Lanes : Vectors<N> {
    using typename Vectors<N>::Floats, typename Vectors<N>::Numbers;
    using typename Vectors<N>::Bits, typename Vectors<N>::Halves, typename Vectors<N>::Bytes;

    static Floats read(const float *from) { return copied<Floats>(from); }

    static Floats read(const std::uint16_t *from) {  // bf16
        return (Floats)(__builtin_convertvector(copied<Halves>(from), Bits) << 16);
    }

    static Numbers read(const std::uint8_t *from) {
        return __builtin_convertvector(copied<Bytes>(from), Numbers);
    }

    static void write(float *to, Floats values) { copy(to, values); }

    static void write(std::uint16_t *to, Floats values) {  // rounds to even
        Bits bits = (Bits)values, nan = (Bits)(values != values);
        Bits rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
        copy(to, __builtin_convertvector((nan & 0x7fc0) | (~nan & rounded), Halves));
    }

    static void write(std::uint8_t *to, Numbers numbers) {
        copy(to, __builtin_convertvector(numbers, Bytes));
    }
};

// Calls each(lanes, channel) until all channels are done.
template <class Each>
inline __attribute__((always_inline)) void all_channels(Size channels, Each each) {
    Size done = 0;
    for (; done + 16 <= channels; done += 16) each(Lanes<16>(), done);
    if (done + 8 <= channels) each(Lanes<8>(), done), done += 8;
    if (done + 4 <= channels) each(Lanes<4>(), done), done += 4;
    if (done + 2 <= channels) each(Lanes<2>(), done), done += 2;
    if (done < channels) each(Lanes<1>(), done);
}

// The part of a window that lies in the map.
struct Part {
    int top, bottom, left, right;
};

inline __attribute__((always_inline)) void greatest(
    const Value *corner, Value *to, std::uint8_t *place, const Pooling pooling, Part seen
) {
    const Size channels = pooling.channels, row = pooling.width * channels;
    all_channels(channels, [&](auto lanes, Size channel) {
        using L = decltype(lanes);
        const Value *from = corner + channel;
        auto best = L::read(from + seen.top * row + seen.left * channels);
        typename L::Numbers where = typename L::Numbers{} + (seen.top * KERNEL + seen.left);
#pragma GCC unroll 3
        for (int y = seen.top; y < seen.bottom; y++)
#pragma GCC unroll 3
            for (int x = seen.left; x < seen.right; x++) {
                auto value = L::read(from + y * row + x * channels);
                auto taken = (value > best) | (value != value);
                best = taken ? value : best;
                where = taken ? typename L::Numbers{} + (y * KERNEL + x) : where;
            }
        if (pooling.rectify) {
            auto cut = best <= 0;
            best = cut ? typename L::Floats{} : best;
            where = cut ? typename L::Numbers{} + NONE : where;
        }
        L::write(to + channel, best);
        L::write(place + channel, where);
    });
}

// Calls each(corner, seen) for the windows of some rows of an image: where the window
// begins in it, and what of it lies inside.
template <class Each>
inline __attribute__((always_inline)) void all_windows(
    const Pooling pooling, Size first, Size last, Each each
) {
    for (Size out_y = first; out_y < last; out_y++) {
        const Size y = out_y * STRIDE - pooling.padding;
        Part seen;
        seen.top = std::max<Size>(0, -y);
        seen.bottom = std::min<Size>(KERNEL, pooling.height - y);
        for (Size out_x = 0; out_x < pooling.out_width; out_x++) {
            const Size x = out_x * STRIDE - pooling.padding;
            const Size corner = (y * pooling.width + x) * pooling.channels;
            seen.left = std::max<Size>(0, -x);
            seen.right = std::min<Size>(KERNEL, pooling.width - x);
            if (seen.top + seen.left == 0 && seen.bottom == KERNEL && seen.right == KERNEL)
                each(corner, Part{0, KERNEL, 0, KERNEL});  // its loops are unrolled
            else
                each(corner, seen);
        }
    }
}

void pool(const Value *maps, Value *pooled, std::uint8_t *places, const Pooling pooling) {
    const Size size = pooling.height * pooling.width * pooling.channels;
    const Size row = pooling.out_width * pooling.channels;
#pragma omp parallel for collapse(2) schedule(static) if (pooling.images * size >= FEWEST)
    for (Size image = 0; image < pooling.images; image++)
        for (Size y = 0; y < pooling.out_height; y++) {
            Size out = (image * pooling.out_height + y) * row;
            all_windows(pooling, y, y + 1, [&](Size corner, Part seen) {
                greatest(maps + image * size + corner, pooled + out, places + out, pooling, seen);
                out += pooling.channels;
            });
        }
}

// To the places of a window; those that other windows share are added to.
inline __attribute__((always_inline)) void give(
    const Value *gradient, const std::uint8_t *place, Value *corner, const Pooling pooling,
    Part seen
) {
    const Size channels = pooling.channels, row = pooling.width * channels;
    all_channels(channels, [&](auto lanes, Size channel) {
        using L = decltype(lanes);
        const auto value = L::read(gradient + channel);
        const auto where = L::read(place + channel);
#pragma GCC unroll 3
        for (int y = seen.top; y < seen.bottom; y++)
#pragma GCC unroll 3
            for (int x = seen.left; x < seen.right; x++) {
                Value *to = corner + y * row + x * channels + channel;
                auto given = where == y * KERNEL + x ? value : typename L::Floats{};
                L::write(to, KERNEL > STRIDE ? L::read(to) + given : given);
            }
    });
}

void spread(
    const Value *gradients, const std::uint8_t *places, Value *back, const Pooling pooling
) {
    const Size size = pooling.height * pooling.width * pooling.channels;
    const Size out_size = pooling.out_height * pooling.out_width * pooling.channels;
    const bool covered = KERNEL == STRIDE && pooling.padding == 0 &&
                         pooling.height == pooling.out_height * KERNEL &&
                         pooling.width == pooling.out_width * KERNEL;
#pragma omp parallel for schedule(static) if (pooling.images * size >= FEWEST)
    for (Size image = 0; image < pooling.images; image++) {
        if (!covered) std::memset(back + image * size, 0, size * sizeof(Value));
        Size out = image * out_size;
        all_windows(pooling, 0, pooling.out_height, [&](Size corner, Part seen) {
            give(gradients + out, places + out, back + image * size + corner, pooling, seen);
            out += pooling.channels;
        });
    }
}

}  // namespace

extern "C" void forward(
    const Value *maps, Value *pooled, std::uint8_t *places, const Pooling *pooling
) {
    pool(maps, pooled, places, *pooling);
}

extern "C" void backward(
    const Value *gradients, const std::uint8_t *places, Value *back, const Pooling *pooling
) {
    spread(gradients, places, back, *pooling);
}
