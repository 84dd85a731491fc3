/* The kernels in whatever every processor of the architecture has: on 64-bit ARM that is 128 bits and fused multiply-add. On
   x86-64 without AVX2 a fused multiply-add is a call of libm: right, and slow. */
#include "CKernels.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi" /* lanes are passed to functions that are always inlined only */

/* 24 sums, four registers of the panel and a broadcast: 29 of 32 registers. */
typedef float vector __attribute__((ext_vector_type(4)));
#define TILE_VECTORS 4
#define TILE_ROWS 6
#define MOST_ROWS 384

#include "table.h"

const struct fast_electra_kernels *fast_electra_kernels_portable(void) { return &table; }
