/* Dropout, the optimizer's step, and sums. */

/* All bits of a lane are set where an element is kept, none where it is dropped: the sign of threshold - 1 - bits. */
INLINE int_lanes kept(word_lanes bits, uint32_t threshold) { return ((int_lanes)(threshold - 1) - (int_lanes)bits) >> 31; }

INLINE void drop_at(
    const struct fast_electra_dropout *dropout, const float *input, const float *residual, float *output,
    struct place place, word_lanes bits) {
    lanes scaled = at(input, place, 0) * dropout->scale;
    lanes dropped = (lanes)((int_lanes)scaled & kept(bits, dropout->threshold));
    put(output, place, residual ? at(residual, place, 0) + dropped : dropped);
}

/* 16 blocks of 4 words of 2 decisions: 128 elements at a time. */
INLINE void drop_elements(
    const struct fast_electra_dropout *dropout, const float *input, const float *residual, float *output,
    ptrdiff_t count) {
    ptrdiff_t offset = 0;
    for (; offset + 128 <= count; offset += 128) {
        struct philox_words words = philox(&dropout->stream, (uint32_t)(offset / 128 * 16));
        drop_at(dropout, input, residual, output, (struct place){offset, 0}, words.x & 0xFFFF);
        drop_at(dropout, input, residual, output, (struct place){offset + 16, 0}, words.x >> 16);
        drop_at(dropout, input, residual, output, (struct place){offset + 32, 0}, words.y & 0xFFFF);
        drop_at(dropout, input, residual, output, (struct place){offset + 48, 0}, words.y >> 16);
        drop_at(dropout, input, residual, output, (struct place){offset + 64, 0}, words.z & 0xFFFF);
        drop_at(dropout, input, residual, output, (struct place){offset + 80, 0}, words.z >> 16);
        drop_at(dropout, input, residual, output, (struct place){offset + 96, 0}, words.w & 0xFFFF);
        drop_at(dropout, input, residual, output, (struct place){offset + 112, 0}, words.w >> 16);
    }
    if (offset == count) return;
    struct philox_words words = philox(&dropout->stream, (uint32_t)(offset / 128 * 16));
    const word_lanes rest[8] = {words.x & 0xFFFF, words.x >> 16, words.y & 0xFFFF, words.y >> 16,
                                words.z & 0xFFFF, words.z >> 16, words.w & 0xFFFF, words.w >> 16};
    for (int index = 0; offset < count; index++, offset += 16) {
        struct place place = {offset, offset + 16 <= count ? 0 : count - offset};
        drop_at(dropout, input, residual, output, place, rest[index]);
    }
}

static void drop(
    const struct fast_electra_dropout *dropout, const float *input, const float *residual, float *output,
    ptrdiff_t count) {
    if (residual) drop_elements(dropout, input, residual, output, count);
    else drop_elements(dropout, input, NULL, output, count);
}

static void adam(
    const struct fast_electra_adam *step, const float *g, float *x, float *m, float *v, ptrdiff_t count) {
    const struct fast_electra_adam s = *step;
    FOR_EACH_PLACE(count, {
        lanes gradient = at(g, place, 0) * s.gradient_scale;
        lanes first = at(m, place, 0) * s.first_decay + gradient * (1 - s.first_decay);
        lanes second = at(v, place, 0) * s.second_decay + gradient * gradient * (1 - s.second_decay);
        lanes root = __builtin_elementwise_sqrt(second);
        lanes direction = first / (root * s.inverse_root_correction + s.epsilon);
        put(m, place, first);
        put(v, place, second);
        put(x, place, at(x, place, 0) * s.shrinkage - direction * s.step_size);
    });
}

static void add(const float *addend, float *sum, ptrdiff_t count) {
    FOR_EACH_PLACE(count, { put(sum, place, at(sum, place, 0) + at(addend, place, 0)); });
}

static void add_column_sums(const float *matrix, float *sums, ptrdiff_t count, ptrdiff_t width) {
    FOR_EACH_PLACE(width, {
        lanes total = at(sums, place, 0);
        for (ptrdiff_t row = 0; row < count; row++) total += at(matrix + row * width, place, 0);
        put(sums, place, total);
    });
}

static double sum_of_squares(const float *values, ptrdiff_t count) {
    double total = 0;
    for (ptrdiff_t block = 0; block < count; block += 4096) {
        lanes sum = all(0);
        FOR_EACH_PLACE(count - block < 4096 ? count - block : 4096, {
            lanes x = at(values + block, place, 0);
            sum = fused(x, x, sum);
        });
        total += (double)sum_of_lanes(sum);
    }
    return total;
}
