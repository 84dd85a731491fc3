/* Digests of what a set of kernels computes from numbers that are always the same: equal digests, equal bits.

   digest [avx512 | avx2 | portable] */
#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state = 1;
static uint64_t digest = 0xCBF29CE484222325;

/* Numbers from -scale to scale, a linear congruential generator's. */
static float *noise(ptrdiff_t count, float scale) {
    float *numbers = malloc((size_t)(count + 64) * sizeof(float));
    for (ptrdiff_t index = 0; index < count + 64; index++) {
        state = state * 1664525u + 1013904223u;
        numbers[index] = (float)((int32_t)(state >> 8) - 0x800000) / 0x800000 * scale;
    }
    return numbers;
}

/* FNV-1a. */
static void add(const void *bytes, size_t count) {
    for (size_t index = 0; index < count; index++) digest = (digest ^ ((const uint8_t *)bytes)[index]) * 0x100000001B3;
}
static void add_floats(const float *numbers, ptrdiff_t count) { add(numbers, (size_t)count * sizeof(float)); }

static void report(const char *name) { printf("%s %016llx\n", name, (unsigned long long)digest); }

static void products(const struct fast_electra_kernels *kernels) {
    const ptrdiff_t shapes[][3] = {{1, 1, 1}, {17, 16, 33}, {13, 70, 257}, {530, 40, 20}, {16, 160, 520}, {128, 128, 64}};
    float *scratch = malloc((size_t)kernels->scratch_count * sizeof(float));
    for (int shape = 0; shape < 6; shape++)
        for (int code = 0; code < 4; code++) {
            ptrdiff_t m = shapes[shape][0], n = shapes[shape][1], k = shapes[shape][2];
            bool left_is_transposed = code & 1, right_is_transposed = code & 2;
            float *left = noise((m + 1) * (k + 1), 1), *right = noise((n + 1) * (k + 1), 1);
            float *result = noise(m * (n + 2), 1), *bias = noise(n, 1);
            struct fast_electra_product product = {
                m, n, k,
                {left, left_is_transposed ? m + 1 : k + 1, left_is_transposed},
                {right, right_is_transposed ? k + 1 : n + 1, right_is_transposed},
                NULL, 0, 0, 0.5f, code == 3 ? 1.5f : 0, code == 1 ? bias : NULL, result, n + 2};
            kernels->multiply(&product, scratch);
            add_floats(result, m * (n + 2));
        }
    report("products");
}

static void elements(const struct fast_electra_kernels *kernels) {
    const ptrdiff_t n = 1003;
    for (int f = FAST_ELECTRA_GELU; f <= FAST_ELECTRA_SILU; f++) {
        float *x = noise(n, 20), *y = noise(n, 1), *gradient = noise(n, 1);
        kernels->activate((enum fast_electra_activation)f, x, y, n);
        add_floats(y, n);
        kernels->differentiate_activation((enum fast_electra_activation)f, x, y, gradient, n);
        add_floats(gradient, n);
    }
    struct fast_electra_dropout dropout = {{{1, 2}, 3, 4, 5}, 20000, 1.25f};
    struct fast_electra_adam step = {0.5f, 0.9f, 0.999f, 1e-3f, 1.5f, 1e-6f, 0.99f};
    float *x = noise(n, 1), *dropped = noise(n, 1), *m = noise(n, 1), *v = noise(n, 1);
    for (ptrdiff_t index = 0; index < n; index++) v[index] = fabsf(v[index]);
    kernels->drop(&dropout, x, NULL, dropped, n);
    kernels->adam(&step, dropped, x, m, v, n);
    double squares = kernels->sum_of_squares(x, n);
    add_floats(dropped, n);
    add_floats(x, n);
    add(&squares, sizeof squares);
    report("elements");
}

static void rows(const struct fast_electra_kernels *kernels) {
    const ptrdiff_t count = 7, width = 301, all = count * width;
    float *x = noise(all, 3), *weight = noise(width, 1), *bias = noise(width, 1), *output = noise(all, 1);
    float *gradient = noise(all, 1), *weight_gradient = noise(width, 1), *bias_gradient = noise(width, 1), deviation[7];
    kernels->layer_norm(x, weight, bias, 1e-12f, deviation, output, count, width);
    kernels->differentiate_layer_norm(
        gradient, x, deviation, weight, weight_gradient, bias_gradient, count, width);
    add_floats(output, all);
    add_floats(gradient, all);
    add_floats(weight_gradient, width);
    kernels->softmax(output, count, width);
    kernels->differentiate_softmax(gradient, output, count, width);
    add_floats(output, all);
    add_floats(gradient, all);
    report("rows");
}

static void distillation(const struct fast_electra_kernels *kernels) {
    const ptrdiff_t count = 30522;
    float *logits = noise(count, 8), maxima[256];
    int32_t *collected = malloc((size_t)(count + 16) * sizeof(int32_t));
    const float scales[] = {0.72f, 0.756f, 0.828f, 1.116f, 1.224f};
    const int32_t strides[] = {0, 1, 2, 8, 3};
    struct fast_electra_tail tail = {scales, 5, strides, 0.036f};
    struct fast_electra_stream stream = {{1, 2}, 3, 4, 5};
    double sums[5], gumbels[32], gaps[16];
    kernels->find_maxima(logits, count, maxima, 16);
    add_floats(maxima, 256);
    add(collected, (size_t)kernels->collect(logits, count, 6, collected) * sizeof(int32_t));
    kernels->sum_tail(&tail, logits, count, 8, sums);
    add(sums, sizeof sums);
    kernels->draw_gumbels(&stream, 16, gumbels);
    add(gumbels, sizeof gumbels);
    kernels->draw_exceedances(&stream, 16, 0.01, 0.00995, gaps, gumbels);
    add(gaps, sizeof gaps);
    add(gumbels, sizeof gumbels);
    report("distillation");
}

int main(int count, char **arguments) {
    const char *name = count > 1 ? arguments[1] : "portable";
    const struct fast_electra_kernels *kernels = !strcmp(name, "avx512") ? fast_electra_kernels_avx512()
                                                 : !strcmp(name, "avx2") ? fast_electra_kernels_avx2()
                                                                         : fast_electra_kernels_portable();
    if (!kernels) return 3;
    products(kernels);
    elements(kernels);
    rows(kernels);
    distillation(kernels);
    return 0;
}
