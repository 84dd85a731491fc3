/* The kernels in registers of 512 bits: Skylake-X and later servers, Zen 4 and later. */
#include "CKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#if defined(__ELF__)
/* A section of their own, so that a test sees in the program that no other code has such instructions. */
#pragma clang section text = "kernels_avx512"
#endif
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)

/* Eight rows need one broadcast each for two multiplications by sixteen columns, so neither loads (2 a cycle on Zen 4 and 5) nor
   latency (16 independent sums) bound a tile. */
typedef float vector __attribute__((ext_vector_type(16)));
#define TILE_VECTORS 2
#define TILE_ROWS 8
#define MOST_ROWS 512

/* Writes the indices of lanes that are set. */
#define COMPRESS_INDICES(target, lanes_set, first) compress_indices(target, (__m512i)(lanes_set), first)
static inline __attribute__((always_inline)) ptrdiff_t compress_indices(int32_t *target, __m512i set, int32_t first) {
    const __m512i count = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __mmask16 mask = _mm512_movepi32_mask(set);
    /* Compressed in the register: storing through a mask is slow on Zen 4. */
    _mm512_storeu_si512(target, _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(count, _mm512_set1_epi32(first))));
    return __builtin_popcount(mask);
}

#include "table.h"
#pragma clang attribute pop
#if defined(__ELF__)
#pragma clang section text = ""
#endif

const struct fast_electra_kernels *fast_electra_kernels_avx512(void) {
    __builtin_cpu_init();
    bool has_all = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return has_all ? &table : NULL;
}
#else
const struct fast_electra_kernels *fast_electra_kernels_avx512(void) { return NULL; }
#endif
