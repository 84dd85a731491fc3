#ifndef FAST_ELECTRA_CLIBFUZZER_H
#define FAST_ELECTRA_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

// compiler-rt's libFuzzer, which has no header for programs that have a `main` of their own.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));

// In <sys/mman.h> only under _GNU_SOURCE, which Swift's importer does not define.
int memfd_create(const char *name, unsigned int flags);

#endif
