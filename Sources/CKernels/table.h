/* All kernels, and the table of them, compiled for the instructions of the including file. */
#include "lanes.h"
#include "activation.h"
#include "normalization.h"
#include "philox.h"
#include "elementwise.h"
#include "product.h"
#include "distillation.h"

static const struct fast_electra_kernels table = {
    .panel_columns = PANEL_COLUMNS,
    .scratch_count = SCRATCH_FLOATS,
    .multiply = multiply,
    .lay_out = lay_out,
    .activate = activate,
    .differentiate_activation = differentiate_activation,
    .drop = drop,
    .adam = adam,
    .add = add,
    .softmax = softmax,
    .softmax_scaled = softmax_scaled,
    .differentiate_softmax = differentiate_softmax,
    .layer_norm = layer_norm,
    .differentiate_layer_norm = differentiate_layer_norm,
    .add_column_sums = add_column_sums,
    .sum_of_squares = sum_of_squares,
    .find_maxima = find_maxima,
    .count_reaching = count_reaching,
    .collect = collect,
    .sum_tail = sum_tail,
    .draw_gumbels = draw_gumbels,
    .draw_exceedances = draw_exceedances,
};
