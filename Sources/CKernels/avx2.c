/* The kernels in registers of 256 bits with fused multiply-add: Haswell and Zen, and everything since. */
#include "CKernels.h"

#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#if defined(__ELF__)
/* A section of their own, so that a test sees in the program that no other code has such instructions. */
#pragma clang section text = "kernels_avx2"
#endif
#pragma clang diagnostic ignored "-Wpsabi" /* lanes are passed to functions that are always inlined only */
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

/* Twelve sums, two registers of the panel and a broadcast: fifteen of the sixteen registers. */
typedef float vector __attribute__((ext_vector_type(8)));
#define TILE_VECTORS 2
#define TILE_ROWS 6
#define MOST_ROWS 384

#include "table.h"
#pragma clang attribute pop
#if defined(__ELF__)
#pragma clang section text = ""
#endif

const struct fast_electra_kernels *fast_electra_kernels_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &table : NULL;
}
#else
const struct fast_electra_kernels *fast_electra_kernels_avx2(void) { return NULL; }
#endif
