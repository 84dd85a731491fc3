/* Sixteen floats at a time: one register of 512 bits, two of 256, four of 128. */

typedef float lanes __attribute__((ext_vector_type(16)));
typedef float unaligned_lanes __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t int_lanes __attribute__((ext_vector_type(16)));
typedef uint32_t word_lanes __attribute__((ext_vector_type(16)));
typedef uint64_t long_lanes __attribute__((ext_vector_type(8)));
typedef double double_lanes __attribute__((ext_vector_type(8)));
typedef double unaligned_double_lanes __attribute__((ext_vector_type(8), aligned(8)));
typedef float eight_lanes __attribute__((ext_vector_type(8)));
typedef float four_lanes __attribute__((ext_vector_type(4)));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes load(const float *p) { return *(const unaligned_lanes *)p; }
INLINE void store(float *p, lanes x) { *(unaligned_lanes *)p = x; }
INLINE lanes all(float x) { return (lanes)x; }
INLINE lanes fused(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); } /* a b + c */

/* The first `count` (< 16) floats, `padding` in the other lanes. */
INLINE lanes load_some(const float *p, ptrdiff_t count, float padding) {
    float some[16];
    for (int lane = 0; lane < 16; lane++) some[lane] = padding;
    memcpy(some, p, (size_t)count * sizeof(float));
    return load(some);
}

INLINE void store_some(float *p, lanes x, ptrdiff_t count) {
    float some[16];
    store(some, x);
    memcpy(p, some, (size_t)count * sizeof(float));
}

/* A place in a row: sixteen floats, or the fewer that remain. The rest of a row goes through the same arithmetic, so a
   result does not depend on how far a row is from a multiple of sixteen. */
struct place {
    ptrdiff_t offset, rest; /* rest: 0 for sixteen */
};
INLINE lanes at(const float *p, struct place place, float padding) {
    return place.rest ? load_some(p + place.offset, place.rest, padding) : load(p + place.offset);
}
INLINE void put(float *p, struct place place, lanes x) {
    if (place.rest) store_some(p + place.offset, x, place.rest); else store(p + place.offset, x);
}

/* Runs a block of code for every place of a row of `count` floats. The block is compiled twice, so that whole lanes carry no
   test. */
#define FOR_EACH_PLACE(count, ...)                                                                                     \
    do {                                                                                                               \
        struct place place = {0, 0};                                                                                   \
        const ptrdiff_t end_of_row = (count);                                                                          \
        for (; place.offset + 16 <= end_of_row; place.offset += 16) { __VA_ARGS__ }                                    \
        if (place.offset < end_of_row) {                                                                               \
            place.rest = end_of_row - place.offset;                                                                    \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    } while (0)

INLINE float sum_of_lanes(lanes x) {
    eight_lanes eight = x.lo + x.hi;
    four_lanes four = eight.lo + eight.hi;
    __typeof__(four.lo) two = four.lo + four.hi;
    return two.x + two.y;
}

/* The larger of two in each lane; the second where one is NaN. */
INLINE lanes larger(lanes a, lanes b) { return a > b ? a : b; }

INLINE float largest_lane(lanes x) {
    float largest = x[0];
    for (int lane = 1; lane < 16; lane++) largest = x[lane] > largest ? x[lane] : largest;
    return largest;
}

/* e to the power of each lane: relative error below 1e-7; 0 below -87.3, and at most e^88 above.

   x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds, 2^n is built in the exponent bits, and e^r is
   1 + r + r^2 q(r), q the Chebyshev interpolant of degree 4 of (e^r - 1 - r) / r^2 (error below 1.1e-8; the Taylor polynomial
   of the same cost has 1.3e-7). */
INLINE lanes exponential(lanes x) {
    const float magic = 12582912; /* 1.5 * 2^23 */
    lanes clamped = x < -87.33f ? all(-87.33f) : x;
    clamped = clamped > 88.0f ? all(88) : clamped;
    lanes shifted = fused(clamped, all(1.44269504f), all(magic));
    lanes n = shifted - magic;
    /* ln 2 in two parts, so that n ln 2 is exact to the last bit of r. */
    lanes r = fused(n, all(-0.693359375f), clamped);
    r = fused(n, all(2.1219444e-4f), r);
    lanes polynomial = all(1.3926184e-3f);
    polynomial = fused(polynomial, r, all(8.3631789e-3f));
    polynomial = fused(polynomial, r, all(4.1666556e-2f));
    polynomial = fused(polynomial, r, all(0.16666576f));
    polynomial = fused(polynomial, r, all(0.5f));
    polynomial = fused(polynomial, r, all(1));
    polynomial = fused(polynomial, r, all(1));
    word_lanes bits = (word_lanes)shifted + (127u - 0x4B400000u);
    lanes power = (lanes)(bits << 23);
    return x < -87.33f ? all(0) : polynomial * power;
}
