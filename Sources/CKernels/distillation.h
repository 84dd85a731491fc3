/* Searches in a row of logits and sums over it, on its way into a shard, and the random numbers of its races. */

static bool has_nan(const float *logits, ptrdiff_t count) {
    int_lanes is_nan = 0;
    FOR_EACH_PLACE(count, {
        lanes x = at(logits, place, 0);
        is_nan |= x != x;
    });
    return __builtin_reduce_or(is_nan) != 0;
}

/* Strips that are looked at together: their maxima stay in registers. */
enum { STRIP_GROUP = sizeof(vector) == 64 ? 16 : 4 };

static bool find_maxima(const float *logits, ptrdiff_t count, float *maxima, ptrdiff_t strips) {
    const ptrdiff_t vectors = count / 16;
    int_lanes is_suspect = 0;
    ptrdiff_t first = 0;
    for (; first + STRIP_GROUP <= strips; first += STRIP_GROUP) {
        lanes largest[STRIP_GROUP];
        for (int index = 0; index < STRIP_GROUP; index++) largest[index] = all(-INFINITY);
        ptrdiff_t sixteen = first;
        for (; sixteen + STRIP_GROUP <= vectors; sixteen += strips) {
#pragma clang loop unroll(full)
            for (int index = 0; index < STRIP_GROUP; index += 2) {
                lanes x = load(logits + 16 * (sixteen + index)), y = load(logits + 16 * (sixteen + index + 1));
                /* A NaN makes the sum one as well. So do infinities of different signs, which are looked at again. */
                lanes sum = x + y;
                is_suspect |= sum != sum;
                largest[index] = larger(x, largest[index]);
                largest[index + 1] = larger(y, largest[index + 1]);
            }
        }
        for (int index = 0; index < STRIP_GROUP; index++) store(maxima + 16 * (first + index), largest[index]);
        for (; sixteen < vectors && sixteen % strips < first + STRIP_GROUP; sixteen++) {
            float *largest_of_strip = maxima + 16 * (sixteen % strips);
            lanes x = load(logits + 16 * sixteen);
            is_suspect |= x != x;
            store(largest_of_strip, larger(x, load(largest_of_strip)));
        }
    }
    for (; first < strips; first++) {
        lanes largest = all(-INFINITY);
        for (ptrdiff_t sixteen = first; sixteen < vectors; sixteen += strips) {
            lanes x = load(logits + 16 * sixteen);
            is_suspect |= x != x;
            largest = larger(x, largest);
        }
        store(maxima + 16 * first, largest);
    }
    if (strips == 0 || __builtin_reduce_or(is_suspect)) return !has_nan(logits, count);
    return !has_nan(logits + 16 * vectors, count - 16 * vectors);
}

static ptrdiff_t count_reaching(const float *values, ptrdiff_t count, float bound) {
    int_lanes reaching = 0;
    for (ptrdiff_t index = 0; index < count; index += 16) reaching -= load(values + index) >= bound;
    return __builtin_reduce_add(reaching);
}

static ptrdiff_t collect(const float *logits, ptrdiff_t count, float bound, int32_t *collected) {
    ptrdiff_t found = 0, index = 0;
    for (; index + 16 <= count; index += 16) {
        int_lanes reaches = load(logits + index) >= bound;
#ifdef COMPRESS_INDICES
        found += COMPRESS_INDICES(collected + found, reaches, (int32_t)index);
#else
        if (!__builtin_reduce_or(reaches)) continue;
        /* Written always, kept where it counts: which lanes do cannot be foreseen. */
        for (int lane = 0; lane < 16; lane++) {
            collected[found] = (int32_t)(index + lane);
            found += logits[index + lane] >= bound;
        }
#endif
    }
    for (; index < count; index++)
        if (logits[index] >= bound) collected[found++] = (int32_t)index;
    return found;
}

/* 2^x for x from -125 to 64, within 3e-6 of it. The polynomial is minimax in the relative error on [-1/2, 1/2], by Lawson's
   algorithm. */
INLINE lanes exponential_base_2(lanes x) {
    /* Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits. */
    lanes shifted = x + 0x1.8p23f;
    lanes fraction = x - (shifted - 0x1.8p23f);
    lanes power = all(0x1.3997d6p-7f);
    power = fused(power, fraction, all(0x1.ca1440p-5f));
    power = fused(power, fraction, all(0x1.ec06dap-3f));
    power = fused(power, fraction, all(0x1.62e0dcp-1f));
    power = fused(power, fraction, all(0x1.ffffe8p-1f));
    return (lanes)((word_lanes)power + ((word_lanes)shifted << 23));
}

/* x is taken as `lowest` below it: no sum notices, and products of such powers stay normal numbers. */
INLINE lanes bounded_power(lanes x, float lowest) { return exponential_base_2(x < lowest ? all(lowest) : x); }

INLINE double sum_in_double(lanes x) {
    double sum = 0;
    for (int lane = 0; lane < 16; lane++) sum += (double)x[lane];
    return sum;
}

/* Places that are summed together. The powers of one are a chain of products, each waiting for the one before, so the chains of
   several have to run at once. */
enum { CHAINS = sizeof(vector) == 64 ? 8 : 4 };

/* Nodes on a grid: two exponentials for all of them, then a product each. `chains` is a constant where this is inlined. */
INLINE void add_on_grid(
    const struct fast_electra_tail *tail, const lanes *deficits, const ptrdiff_t chains, ptrdiff_t longest, float lowest,
    lanes *totals) {
    lanes power[CHAINS], powers[FAST_ELECTRA_LONGEST_STRIDE + 1][CHAINS];
    for (ptrdiff_t chain = 0; chain < chains; chain++) {
        power[chain] = bounded_power(deficits[chain] * tail->scales[0], -60);
        totals[0] += power[chain];
    }
    for (ptrdiff_t chain = 0; chain < chains; chain++)
        powers[1][chain] = bounded_power(deficits[chain] * tail->step, lowest);
    for (ptrdiff_t stride = 2; stride <= longest; stride++)
        for (ptrdiff_t chain = 0; chain < chains; chain++)
            powers[stride][chain] = powers[stride - 1][chain] * powers[1][chain];
    for (ptrdiff_t node = 1; node < tail->node_count; node++) {
        const lanes *stride = powers[tail->strides[node]];
        lanes total = totals[node];
        for (ptrdiff_t chain = 0; chain < chains; chain++) {
            power[chain] *= stride[chain];
            total += power[chain];
        }
        totals[node] = total;
    }
}

static void sum_on_grid(
    const struct fast_electra_tail *tail, const float *logits, ptrdiff_t count, float reference, double *sums) {
    ptrdiff_t steps = 0, longest = 1;
    for (ptrdiff_t node = 1; node < tail->node_count; node++) {
        steps += tail->strides[node];
        if (tail->strides[node] > longest) longest = tail->strides[node];
    }
    /* The last product stays a normal number. */
    const float lowest = -60.0f / (float)(steps > 0 ? steps : 1);
    lanes totals[FAST_ELECTRA_MOST_NODES], deficits[CHAINS];
    for (ptrdiff_t node = 0; node < tail->node_count; node++) totals[node] = all(0);
    ptrdiff_t first = 0;
    for (; first + 16 * CHAINS <= count; first += 16 * CHAINS) {
        for (ptrdiff_t chain = 0; chain < CHAINS; chain++)
            deficits[chain] = load(logits + first + 16 * chain) - reference;
        add_on_grid(tail, deficits, CHAINS, longest, lowest, totals);
    }
    FOR_EACH_PLACE(count - first, {
        lanes deficit = at(logits + first, place, -INFINITY) - reference;
        add_on_grid(tail, &deficit, 1, longest, lowest, totals);
    });
    for (ptrdiff_t node = 0; node < tail->node_count; node++) sums[node] = sum_in_double(totals[node]);
}

static void sum_tail(
    const struct fast_electra_tail *tail, const float *logits, ptrdiff_t count, float reference, double *sums) {
    if (tail->strides) {
        sum_on_grid(tail, logits, count, reference, sums);
        return;
    }
    for (ptrdiff_t node = 0; node < tail->node_count; node++) {
        const float scale = tail->scales[node];
        lanes sum = 0;
        FOR_EACH_PLACE(
            count, { sum += bounded_power((at(logits, place, -INFINITY) - reference) * scale, -125); });
        sums[node] = sum_in_double(sum);
    }
}

/* -- random numbers of races -- */

/* The natural logarithm of positive normal numbers, within 4 ulp. */
INLINE double_lanes logarithm(double_lanes x) {
    /* x = 2^n m with m from sqrt 1/2 to sqrt 2: subtracting the bits of sqrt 1/2 carries into the exponent where m would be
       larger. */
    long_lanes bits = (long_lanes)x;
    long_lanes exponent_bits = (bits - 0x3FE6A09E667F3BCDul) & 0xFFF0000000000000ul;
    double_lanes mantissa = (double_lanes)(bits - exponent_bits);
    /* The exponent as a signed integer in the low bits of 1.5 * 2^52, then as a float. */
    typedef int64_t signed_lanes __attribute__((ext_vector_type(8)));
    const double shifter = 0x1.8p52;
    signed_lanes integers = ((signed_lanes)exponent_bits >> 52) + (int64_t)0x4338000000000000;
    double_lanes exponent = (double_lanes)integers - shifter;
    /* log m = 2 artanh s, s = (m - 1)/(m + 1), |s| < 0.172: the series to s^21. */
    double_lanes s = (mantissa - 1) / (mantissa + 1);
    double_lanes square = s * s;
    double_lanes sum = (double_lanes)(2.0 / 21);
#define TERM(n) sum = __builtin_elementwise_fma(sum, square, (double_lanes)(2.0 / n))
    TERM(19);
    TERM(17);
    TERM(15);
    TERM(13);
    TERM(11);
    TERM(9);
    TERM(7);
    TERM(5);
    TERM(3);
#undef TERM
    sum = __builtin_elementwise_fma(sum * square, s, 2 * s);
    return __builtin_elementwise_fma(exponent, (double_lanes)0.6931471805599453, sum);
}

/* log(1 - x) for x from 0 up to, not including, 1, exact where x is small. */
INLINE double_lanes logarithm_of_one_minus(double_lanes x) {
    double_lanes rest = 1 - x;
    double_lanes scaled = logarithm(rest) * (-x / (rest - 1));
    return rest == 1.0 ? -x : scaled;
}

/* (n + 1/2) / 2^52 for the upper 52 of 64 bits, by way of 1 + n / 2^52, whose bits are those of n. */
typedef uint32_t eight_words __attribute__((ext_vector_type(8)));
INLINE double_lanes uniforms(eight_words low, eight_words high) {
    long_lanes bits = (__builtin_convertvector(high, long_lanes) << 32) | __builtin_convertvector(low, long_lanes);
    return (double_lanes)((bits >> 12) | 0x3FF0000000000000ul) - (1 - 0x1p-53);
}

INLINE double_lanes gumbel(double_lanes u) { return -logarithm(-logarithm(u)); }
INLINE void store_doubles(double *p, double_lanes x) { *(unaligned_double_lanes *)p = x; }

static void draw_gumbels(const struct fast_electra_stream *stream, uint32_t draw, double *gumbels) {
    struct philox_words words = philox(stream, draw);
    store_doubles(gumbels, gumbel(uniforms(words.x.lo, words.y.lo)));
    store_doubles(gumbels + 8, gumbel(uniforms(words.x.hi, words.y.hi)));
    store_doubles(gumbels + 16, gumbel(uniforms(words.z.lo, words.w.lo)));
    store_doubles(gumbels + 24, gumbel(uniforms(words.z.hi, words.w.hi)));
}

static void draw_exceedances(
    const struct fast_electra_stream *stream, uint32_t draw, double rate, double share, double *gaps, double *gumbels) {
    struct philox_words words = philox(stream, draw);
    store_doubles(gaps, __builtin_elementwise_floor(-logarithm(uniforms(words.x.lo, words.y.lo)) / rate));
    store_doubles(gaps + 8, __builtin_elementwise_floor(-logarithm(uniforms(words.x.hi, words.y.hi)) / rate));
    store_doubles(gumbels, -logarithm(-logarithm_of_one_minus(uniforms(words.z.lo, words.w.lo) * share)));
    store_doubles(gumbels + 8, -logarithm(-logarithm_of_one_minus(uniforms(words.z.hi, words.w.hi) * share)));
}
