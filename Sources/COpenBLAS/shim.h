#include <cblas.h>

/* Swift cannot ask which instructions it may use. */
#ifdef __AVX512F__
#define FAST_ELECTRA_HAS_AVX512 1
#else
#define FAST_ELECTRA_HAS_AVX512 0
#endif
