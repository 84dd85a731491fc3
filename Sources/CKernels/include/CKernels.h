/* The loops that most of the time goes into, in C, because their instructions are chosen when the program starts.

   Swift 6.3 has no way to compile one function for other instructions than the rest of its module. clang has: a file of this
   target compiles the same kernels once for AVX-512, another once for AVX2 with fused multiply-add, a third one for whatever
   every processor of the architecture has. Each file exports one table of functions.

   All tables compute the same bits. Sums run over sixteen lanes wherever they run over lanes, every fused
   multiplication is written as one, the compiler fuses none (FP_CONTRACT OFF), and a product adds up its depth in the same
   order in tiles of any size. So it makes no difference to shards and weights which processor made them.

   Pointers may have any alignment. Input and output may be the same buffer where a comment says so, and must not overlap
   otherwise. Counts may be 0. */
#ifndef FAST_ELECTRA_KERNELS_H
#define FAST_ELECTRA_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum fast_electra_activation {
    FAST_ELECTRA_GELU,
    FAST_ELECTRA_GELU_TANH,
    FAST_ELECTRA_RELU,
    FAST_ELECTRA_SILU,
};

/* A row-major matrix as a product sees it: element (row, column) is at row * stride + column, or at column * stride + row
   if it is transposed. */
struct fast_electra_factor {
    const float *start;
    ptrdiff_t stride;
    bool is_transposed;
};

/* result[m, n] = scale * left[m, k] right[k, n] + bias[n] + keeping * result[m, n]; the old result is not read
   where keeping is 0. */
struct fast_electra_product {
    ptrdiff_t m, n, k;
    struct fast_electra_factor left;
    struct fast_electra_factor right;
    /* The right factor as `lay_out` left it, or NULL; then `right` is not read. */
    const float *_Nullable panels;
    /* Columns that were laid out, and the first of them that the product uses: a multiple of `panel_columns`. */
    ptrdiff_t laid_out_columns, first_column;
    float scale, keeping;
    const float *_Nullable bias;
    float *result;
    ptrdiff_t result_stride;
};

/* Where a draw of Philox4x32-10 stands (Sources/Random/Philox.swift): the key, and the counter but for its first
   word. */
struct fast_electra_stream {
    uint32_t key[2];
    uint32_t y, z, w;
};

struct fast_electra_dropout {
    struct fast_electra_stream stream;
    /* An element is dropped where 16 random bits are below. */
    uint32_t threshold;
    float scale;
};

struct fast_electra_adam {
    float gradient_scale, first_decay, second_decay, step_size, inverse_root_correction, epsilon, shrinkage;
};

struct fast_electra_tail {
    /* Inverse temperatures times log2 e, ascending; at most FAST_ELECTRA_MOST_NODES. */
    const float *scales;
    ptrdiff_t node_count;
    /* Where the inverse temperatures lie on an even grid: how many of its steps each is above the one before (the first: 0), at most
       FAST_ELECTRA_LONGEST_STRIDE, and the step times log2 e. NULL where they do not. */
    const int32_t *_Nullable strides;
    float step;
};
enum { FAST_ELECTRA_MOST_NODES = 64, FAST_ELECTRA_LONGEST_STRIDE = 8 };

struct fast_electra_kernels {
    /* -- products (product.h) -- */

    /* Columns of a panel of a right factor. The first column that a product uses is a multiple of it. */
    ptrdiff_t panel_columns;
    /* Floats of scratch memory that `multiply` needs. */
    ptrdiff_t scratch_count;
    void (*multiply)(const struct fast_electra_product *product, float *scratch);
    /* panels[rows * columns, the latter rounded up to whole panels] */
    void (*lay_out)(const struct fast_electra_factor *right, ptrdiff_t rows, ptrdiff_t columns, float *panels);

    /* -- elementwise -- */

    /* output[i] = f(input[i]) */
    void (*activate)(enum fast_electra_activation f, const float *input, float *output, ptrdiff_t count);
    /* gradient[i] *= f'(input[i]), activated[i] = f(input[i]) */
    void (*differentiate_activation)(
        enum fast_electra_activation f, const float *input, float *activated, float *gradient, ptrdiff_t count);
    /* output[i] = residual[i] + dropped input[i], without a residual if that is NULL; output may be input. */
    void (*drop)(
        const struct fast_electra_dropout *dropout, const float *input, const float *_Nullable residual, float *output,
        ptrdiff_t count);
    /* One update of parameters x with gradient g and moments m and v. */
    void (*adam)(
        const struct fast_electra_adam *step, const float *g, float *x, float *m, float *v, ptrdiff_t count);
    /* sum[i] += addend[i] */
    void (*add)(const float *addend, float *sum, ptrdiff_t count);

    /* -- rows of `width` floats -- */

    /* Each row becomes its softmax, in place. */
    void (*softmax)(float *rows, ptrdiff_t count, ptrdiff_t width);
    /* One row becomes scale * softmax; returns log of the sum of exponentials. */
    float (*softmax_scaled)(float *row, ptrdiff_t width, float scale);
    /* g = p (g - sum of g p), in place. */
    void (*differentiate_softmax)(float *g, const float *p, ptrdiff_t count, ptrdiff_t width);
    /* rows become normalized rows x, output = x * weight + bias. */
    void (*layer_norm)(
        float *rows, const float *weight, const float *bias, float epsilon, float *inverse_deviation, float *output,
        ptrdiff_t count, ptrdiff_t width);
    /* g of the output becomes g of the input; adds to the gradients of weight and bias. */
    void (*differentiate_layer_norm)(
        float *g, const float *normalized, const float *inverse_deviation, const float *weight, float *weight_gradient,
        float *bias_gradient, ptrdiff_t count, ptrdiff_t width);
    /* sums[column] += all rows of matrix[., column] */
    void (*add_column_sums)(const float *matrix, float *sums, ptrdiff_t count, ptrdiff_t width);
    /* In double precision across blocks of 4,096. */
    double (*sum_of_squares)(const float *values, ptrdiff_t count);

    /* -- distilling a row of logits (distillation.h) -- */

    /* maxima[16 * strips]: the largest logit of each group of tokens; strip s has every sixteen tokens whose number, divided
       by sixteen, leaves s. Returns whether no logit is NaN, and looks for nothing else where strips is 0. */
    bool (*find_maxima)(const float *logits, ptrdiff_t count, float *maxima, ptrdiff_t strips);
    /* How many of `count` values, a multiple of 16, are at least `bound`. */
    ptrdiff_t (*count_reaching)(const float *values, ptrdiff_t count, float bound);
    /* Writes the indices of logits of at least `bound`, ascending, to collected[count + 16]; returns how many. */
    ptrdiff_t (*collect)(const float *logits, ptrdiff_t count, float bound, int32_t *collected);
    /* sums[node] = sum of 2^(scales[node] (logit - reference)) */
    void (*sum_tail)(
        const struct fast_electra_tail *tail, const float *logits, ptrdiff_t count, float reference, double *sums);
    /* 32 Gumbel variables -log(-log u) from the draws draw ..< draw + 16. */
    void (*draw_gumbels)(const struct fast_electra_stream *stream, uint32_t draw, double *gumbels);
    /* From the same draws: 16 geometric gaps floor(-log(u) / rate), and 16 Gumbel variables that are known to be among the
       largest `share`. */
    void (*draw_exceedances)(
        const struct fast_electra_stream *stream, uint32_t draw, double rate, double share, double *gaps,
        double *gumbels);
};

/* NULL where the architecture has no such instructions, or this processor or its operating system lacks them. */
const struct fast_electra_kernels *_Nullable fast_electra_kernels_avx512(void);
const struct fast_electra_kernels *_Nullable fast_electra_kernels_avx2(void);
const struct fast_electra_kernels *fast_electra_kernels_portable(void);

#pragma clang assume_nonnull end

#endif
