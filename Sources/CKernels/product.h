/* A matrix product in tiles, on one thread.

   PANEL_COLUMNS columns of the right factor at a time are laid out as a panel [depth, PANEL_COLUMNS] that stays in the first
   cache while rows of the left factor pass by, TILE_ROWS at a time (Goto & van de Geijn 2008, "Anatomy of high-performance
   matrix multiplication"). The left factor is read where it is, unless its rows lie so far apart that they would fight for the
   same lines of the cache.

   The including file defines:
     vector          the floats of a register
     TILE_VECTORS    registers that one row of a tile fills
     TILE_ROWS       rows of a tile: with TILE_ROWS * TILE_VECTORS sums no register is left unused, and no sum is spilled
     MOST_ROWS       rows that pass by a panel: a multiple of TILE_ROWS; with 256 floats each they fill about half of a
                     second cache */

typedef vector unaligned_vector __attribute__((aligned(4)));
#define VECTOR_FLOATS ((int)(sizeof(vector) / sizeof(float)))
#define PANEL_COLUMNS (TILE_VECTORS * VECTOR_FLOATS)
/* All tables cut a depth into the same parts, since where a sum is cut shows in its last bit. A panel of 32 columns then takes
   32 KiB. */
#define DEEPEST 256

/* Scratch memory: a panel, rows of the left factor (and room for floats that stores of eight write behind them), a tile. */
#define PANEL_FLOATS (DEEPEST * PANEL_COLUMNS)
#define STRIP_FLOATS (MOST_ROWS * DEEPEST + 16)
#define SCRATCH_FLOATS (PANEL_FLOATS + STRIP_FLOATS + TILE_ROWS * PANEL_COLUMNS)

INLINE const float *address(const struct fast_electra_factor *factor, ptrdiff_t row, ptrdiff_t column) {
    return factor->start + (factor->is_transposed ? column * factor->stride + row : row * factor->stride + column);
}

/* -- laying out -- */

/* target[column * target_stride + row] = source[row, column], 8 x 8, of which rows from `rows` on are zeros. */
INLINE void transpose_eight(
    const float *source, ptrdiff_t stride, int rows, float *target, ptrdiff_t target_stride) {
    typedef eight_lanes unaligned_eight __attribute__((aligned(4)));
    eight_lanes r[8], s[8];
    for (int row = 0; row < 8; row++)
        r[row] = row < rows ? *(const unaligned_eight *)(source + row * stride) : (eight_lanes)0.0f;
    for (int pair = 0; pair < 4; pair++) {
        s[2 * pair] = __builtin_shufflevector(r[2 * pair], r[2 * pair + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        s[2 * pair + 1] = __builtin_shufflevector(r[2 * pair], r[2 * pair + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int half = 0; half < 2; half++) {
        const eight_lanes *t = s + 4 * half;
        eight_lanes *u = r + 4 * half;
        u[0] = __builtin_shufflevector(t[0], t[2], 0, 1, 8, 9, 4, 5, 12, 13);
        u[1] = __builtin_shufflevector(t[0], t[2], 2, 3, 10, 11, 6, 7, 14, 15);
        u[2] = __builtin_shufflevector(t[1], t[3], 0, 1, 8, 9, 4, 5, 12, 13);
        u[3] = __builtin_shufflevector(t[1], t[3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    /* From the first column to the last: where rows of the target overlap, the later one counts. */
    for (int column = 0; column < 4; column++)
        *(unaligned_eight *)(target + column * target_stride) =
            __builtin_shufflevector(r[column], r[column + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    for (int column = 0; column < 4; column++)
        *(unaligned_eight *)(target + (column + 4) * target_stride) =
            __builtin_shufflevector(r[column], r[column + 4], 4, 5, 6, 7, 12, 13, 14, 15);
}

/* The same by perfect shuffles, 16 x 16: the address of an element is (row, column) in bits; interleaving the first half of the
   registers with the second moves the row's top bit to the end. After all four of its bits have moved, columns are rows. */
INLINE void transpose_sixteen(const float *source, ptrdiff_t stride, float *target, ptrdiff_t target_stride) {
    lanes r[16], s[16];
    for (int row = 0; row < 16; row++) r[row] = load(source + row * stride);
    for (int round = 0; round < 4; round++) {
        for (int pair = 0; pair < 8; pair++) {
            s[2 * pair] = __builtin_shufflevector(
                r[pair], r[pair + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            s[2 * pair + 1] = __builtin_shufflevector(
                r[pair], r[pair + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        for (int row = 0; row < 16; row++) r[row] = s[row];
    }
    for (int column = 0; column < 16; column++) store(target + column * target_stride, r[column]);
}

/* Blocks as wide as a register: values that do not fit the registers are spilled. */
enum { TRANSPOSED = sizeof(vector) == 64 ? 16 : 8 };

INLINE void transpose_block(const float *source, ptrdiff_t stride, float *target, ptrdiff_t target_stride) {
    if (TRANSPOSED == 16) transpose_sixteen(source, stride, target, target_stride);
    else transpose_eight(source, stride, 8, target, target_stride);
}

/* panel[depth, PANEL_COLUMNS] = right[row ..< row + depth, column ..< column + columns], with zeros beyond. */
static void lay_out_panel(
    const struct fast_electra_factor *right, ptrdiff_t row, ptrdiff_t depth, ptrdiff_t column, ptrdiff_t columns,
    float *panel) {
    ptrdiff_t done = 0;
    if (columns == PANEL_COLUMNS && right->is_transposed) {
        for (; done + TRANSPOSED <= depth; done += TRANSPOSED)
            for (ptrdiff_t block = 0; block < PANEL_COLUMNS; block += TRANSPOSED)
                transpose_block(
                    address(right, row + done, column + block), right->stride, panel + done * PANEL_COLUMNS + block,
                    PANEL_COLUMNS);
    } else if (columns == PANEL_COLUMNS) {
        for (; done < depth; done++) {
            const float *source = address(right, row + done, column);
            float *target = panel + done * PANEL_COLUMNS;
            for (int index = 0; index < TILE_VECTORS; index++)
                ((unaligned_vector *)target)[index] = ((const unaligned_vector *)source)[index];
        }
    }
    for (; done < depth; done++)
        for (ptrdiff_t index = 0; index < PANEL_COLUMNS; index++)
            panel[done * PANEL_COLUMNS + index] = index < columns ? *address(right, row + done, column + index) : 0;
}

/* strip[depth, TILE_ROWS] = left[row ..< row + rows, column ..< column + depth] transposed, with zeros beyond. */
static void lay_out_strip(
    const struct fast_electra_factor *left, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t column, ptrdiff_t depth,
    float *strip) {
    ptrdiff_t done = 0;
    if (rows == TILE_ROWS && left->is_transposed) {
        for (; done < depth; done++)
            memcpy(strip + done * TILE_ROWS, address(left, row, column + done), TILE_ROWS * sizeof(float));
    } else if (rows == TILE_ROWS) {
        /* Each store of eight overwrites the floats that the store before it wrote behind its row. */
        for (; done + 8 <= depth; done += 8)
            transpose_eight(
                address(left, row, column + done), left->stride, TILE_ROWS, strip + done * TILE_ROWS, TILE_ROWS);
    }
    for (; done < depth; done++)
        for (ptrdiff_t index = 0; index < TILE_ROWS; index++)
            strip[done * TILE_ROWS + index] = index < rows ? *address(left, row + index, column + done) : 0;
}

/* -- tiles -- */

/* The result that a sum s becomes: scale * s + bias + keeping * the old result. */
struct ending {
    float scale, keeping;
    const float *bias; /* of the first column to be written, or NULL */
};

/* The same for all rows of a tile, so that a tile takes two branches. */
INLINE void end_rows(
    const int rows, vector sums[TILE_ROWS][TILE_VECTORS], struct ending ending, bool adds_bias, bool keeps, float *c,
    ptrdiff_t stride) {
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
        for (int index = 0; index < TILE_VECTORS; index++) {
            unaligned_vector *target = (unaligned_vector *)(c + row * stride) + index;
            vector sum = sums[row][index] * ending.scale;
            if (adds_bias) sum += ((const unaligned_vector *)ending.bias)[index];
            if (keeps) sum = __builtin_elementwise_fma((vector)*target, (vector)ending.keeping, sum);
            *target = sum;
        }
}

INLINE void end_tile(
    const int rows, vector sums[TILE_ROWS][TILE_VECTORS], struct ending ending, float *c, ptrdiff_t stride) {
    if (ending.keeping != 0) {
        if (ending.bias) end_rows(rows, sums, ending, true, true, c, stride);
        else end_rows(rows, sums, ending, false, true, c, stride);
    } else {
        if (ending.bias) end_rows(rows, sums, ending, true, false, c, stride);
        else end_rows(rows, sums, ending, false, false, c, stride);
    }
}

/* For part of a tile that was computed elsewhere without an ending. */
static void end_some(const float *sums, ptrdiff_t count, struct ending ending, float *c) {
    for (ptrdiff_t column = 0; column < count; column++) {
        float sum = sums[column] * ending.scale;
        if (ending.bias) sum += ending.bias[column];
        if (ending.keeping != 0) sum = __builtin_fmaf(c[column], ending.keeping, sum);
        c[column] = sum;
    }
}

/* The innermost loop: c[rows, PANEL_COLUMNS] = ending(left panel), element (row, k) of the left factor at
   row * row_stride + k * depth_stride. */
INLINE void multiply_tile(
    const int rows, const float *left, ptrdiff_t row_stride, ptrdiff_t depth_stride, const float *panel,
    ptrdiff_t depth, struct ending ending, float *c, ptrdiff_t stride) {
    vector sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
        for (int index = 0; index < TILE_VECTORS; index++) sums[row][index] = (vector)0.0f;
    /* Two addresses, so that every row is at one of them plus 0, 1, 2 or 3 strides. */
    const float *upper = left, *lower = left + 4 * row_stride, *end = panel + depth * PANEL_COLUMNS;
#pragma clang loop unroll(disable)
    for (; panel != end; panel += PANEL_COLUMNS, upper += depth_stride, lower += depth_stride) {
        vector right[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int index = 0; index < TILE_VECTORS; index++) right[index] = ((const unaligned_vector *)panel)[index];
#pragma clang loop unroll(full)
        for (int row = 0; row < rows; row++) {
            vector x = (vector)(row < 4 ? upper[row * row_stride] : lower[(row - 4) * row_stride]);
#pragma clang loop unroll(full)
            for (int index = 0; index < TILE_VECTORS; index++)
                sums[row][index] = __builtin_elementwise_fma(x, right[index], sums[row][index]);
        }
    }
    end_tile(rows, sums, ending, c, stride);
}

/* One function a layout: with strides that the compiler knows, addresses need no registers. */
static __attribute__((noinline)) void multiply_laid_out(
    const float *left, const float *panel, ptrdiff_t depth, struct ending ending, float *c, ptrdiff_t stride) {
    multiply_tile(TILE_ROWS, left, 1, TILE_ROWS, panel, depth, ending, c, stride);
}
static __attribute__((noinline)) void multiply_rows(
    const float *left, ptrdiff_t left_stride, const float *panel, ptrdiff_t depth, struct ending ending, float *c,
    ptrdiff_t stride) {
    multiply_tile(TILE_ROWS, left, left_stride, 1, panel, depth, ending, c, stride);
}
static __attribute__((noinline)) void multiply_columns(
    const float *left, ptrdiff_t left_stride, const float *panel, ptrdiff_t depth, struct ending ending, float *c,
    ptrdiff_t stride) {
    multiply_tile(TILE_ROWS, left, 1, left_stride, panel, depth, ending, c, stride);
}

/* Tiles of fewer rows, laid out, at the lower end of a product. */
#define FEW_ROWS(rows)                                                                                                 \
    case rows: multiply_tile(rows, left, 1, TILE_ROWS, panel, depth, ending, c, stride); break
static __attribute__((noinline)) void multiply_few(
    ptrdiff_t rows, const float *left, const float *panel, ptrdiff_t depth, struct ending ending, float *c,
    ptrdiff_t stride) {
    switch (rows) {
        FEW_ROWS(1);
        FEW_ROWS(2);
        FEW_ROWS(3);
        FEW_ROWS(4);
        FEW_ROWS(5);
#if TILE_ROWS > 6
        FEW_ROWS(6);
        FEW_ROWS(7);
#endif
    default: multiply_tile(TILE_ROWS, left, 1, TILE_ROWS, panel, depth, ending, c, stride); break;
    }
}

/* Some rows of the left factor over part of its depth. */
struct strip {
    const struct fast_electra_factor *left;
    ptrdiff_t first_row, row_count, first_depth, depth;
    /* Tiles from this one on are in laid_out[tiles, depth, TILE_ROWS]. */
    ptrdiff_t first_laid_out;
    float *laid_out, *tile;
};

INLINE ptrdiff_t rows_of_tile(const struct strip *strip, ptrdiff_t tile) {
    ptrdiff_t rest = strip->row_count - tile * TILE_ROWS;
    return rest < TILE_ROWS ? rest : TILE_ROWS;
}

static void lay_out_tiles(struct strip *strip, ptrdiff_t columns) {
    /* Rows a multiple of 4 KiB apart share their places in the first cache. Laying them out pays from some panels on. */
    bool is_spread = strip->left->stride >= 1024 && columns >= 128;
    strip->first_laid_out = is_spread ? 0 : strip->row_count / TILE_ROWS;
    for (ptrdiff_t tile = strip->first_laid_out; tile * TILE_ROWS < strip->row_count; tile++)
        lay_out_strip(
            strip->left, strip->first_row + tile * TILE_ROWS, rows_of_tile(strip, tile), strip->first_depth, strip->depth,
            strip->laid_out + (tile - strip->first_laid_out) * strip->depth * TILE_ROWS);
}

static void multiply_strip(
    const struct strip *strip, const float *panel, ptrdiff_t columns, struct ending ending, float *c,
    ptrdiff_t stride) {
    for (ptrdiff_t tile = 0; tile * TILE_ROWS < strip->row_count; tile++, c += TILE_ROWS * stride) {
        ptrdiff_t rows = rows_of_tile(strip, tile);
        bool is_whole = columns == PANEL_COLUMNS;
        float *target = is_whole ? c : strip->tile;
        ptrdiff_t target_stride = is_whole ? stride : PANEL_COLUMNS;
        struct ending first = is_whole ? ending : (struct ending){1, 0, NULL};
        if (tile >= strip->first_laid_out) {
            const float *left = strip->laid_out + (tile - strip->first_laid_out) * strip->depth * TILE_ROWS;
            if (rows == TILE_ROWS) multiply_laid_out(left, panel, strip->depth, first, target, target_stride);
            else multiply_few(rows, left, panel, strip->depth, first, target, target_stride);
        } else {
            const float *left = address(strip->left, strip->first_row + tile * TILE_ROWS, strip->first_depth);
            if (strip->left->is_transposed)
                multiply_columns(left, strip->left->stride, panel, strip->depth, first, target, target_stride);
            else multiply_rows(left, strip->left->stride, panel, strip->depth, first, target, target_stride);
        }
        if (!is_whole)
            for (ptrdiff_t row = 0; row < rows; row++)
                end_some(strip->tile + row * PANEL_COLUMNS, columns, ending, c + row * stride);
    }
}

/* -- the product -- */

/* `whole` in `parts` parts, nearly equal multiples of `unit`, one empty part where it is 0. */
struct parts {
    ptrdiff_t count, size;
};
INLINE struct parts divide(ptrdiff_t whole, ptrdiff_t largest, ptrdiff_t unit) {
    ptrdiff_t count = whole > largest ? (whole + largest - 1) / largest : 1;
    ptrdiff_t size = (whole + count - 1) / count;
    return (struct parts){count, (size + unit - 1) / unit * unit};
}
INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

INLINE ptrdiff_t whole_panels(ptrdiff_t columns) { return (columns + PANEL_COLUMNS - 1) / PANEL_COLUMNS * PANEL_COLUMNS; }

static void multiply(const struct fast_electra_product *p, float *scratch) {
    struct parts depths = divide(p->k, DEEPEST, 1), blocks = divide(p->m, MOST_ROWS, TILE_ROWS);
    float *laid_out = scratch + PANEL_FLOATS;
    for (ptrdiff_t row = 0; row < p->m; row += blocks.size) {
        for (ptrdiff_t part = 0; part < depths.count; part++) {
            ptrdiff_t first = smaller(part * depths.size, p->k), depth = smaller(depths.size, p->k - first);
            struct strip strip = {.left = &p->left,
                                  .first_row = row,
                                  .row_count = smaller(blocks.size, p->m - row),
                                  .first_depth = first,
                                  .depth = depth,
                                  .laid_out = laid_out,
                                  .tile = laid_out + STRIP_FLOATS};
            lay_out_tiles(&strip, p->n);
            struct ending ending = {p->scale, part > 0 ? 1 : p->keeping, part > 0 ? NULL : p->bias};
            for (ptrdiff_t column = 0; column < p->n; column += PANEL_COLUMNS) {
                ptrdiff_t columns = smaller(PANEL_COLUMNS, p->n - column);
                const float *panel = scratch;
                if (p->panels)
                    panel = p->panels + first * whole_panels(p->laid_out_columns) + (p->first_column + column) * depth;
                else lay_out_panel(&p->right, first, depth, column, columns, scratch);
                multiply_strip(
                    &strip, panel, columns, ending, p->result + row * p->result_stride + column, p->result_stride);
                if (ending.bias) ending.bias += PANEL_COLUMNS;
            }
        }
    }
}

/* As panels, for each part of the depth: [parts][panels][depth of the part, PANEL_COLUMNS]. */
static void lay_out(const struct fast_electra_factor *right, ptrdiff_t rows, ptrdiff_t columns, float *panels) {
    struct parts depths = divide(rows, DEEPEST, 1);
    for (ptrdiff_t part = 0; part < depths.count; part++) {
        ptrdiff_t first = smaller(part * depths.size, rows), depth = smaller(depths.size, rows - first);
        for (ptrdiff_t column = 0; column < columns; column += PANEL_COLUMNS)
            lay_out_panel(
                right, first, depth, column, smaller(PANEL_COLUMNS, columns - column),
                panels + first * whole_panels(columns) + column * depth);
    }
}
