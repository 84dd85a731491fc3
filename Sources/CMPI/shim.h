// The part of MPI that we use, as functions that Swift can call.
//
// MPI_COMM_WORLD, MPI_FLOAT and the like are macros, and each implementation defines them in its own way: casts of addresses of
// structures in Open MPI, casts of numbers in MPICH. Swift imports neither. A handle is a pointer in one and an integer in the other, so
// a request is wrapped into a structure here. The functions are static inline, because a header that comes with no C file needs no
// target of its own, and a plain build of the package needs no mpi.h.

#ifndef FAST_ELECTRA_MPI_SHIM_H
#define FAST_ELECTRA_MPI_SHIM_H

#include <mpi.h>

typedef struct {
    MPI_Request handle;
} mpi_request;

/// Errors come back as codes, so that they can be told with rank and host.
static inline int mpi_start(void) {
    int provided;
    int error = MPI_Init_thread(0, 0, MPI_THREAD_FUNNELED, &provided);
    if (error != MPI_SUCCESS) return error;
    return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

static inline int mpi_is_over(void) {
    int is_over = 0;
    MPI_Finalized(&is_over);
    return is_over;
}

static inline int mpi_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static inline int mpi_count(void) {
    int count = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    return count;
}

static inline int mpi_send(const void *bytes, int count, int rank, int tag, mpi_request *request) {
    return MPI_Isend(bytes, count, MPI_BYTE, rank, tag, MPI_COMM_WORLD, &request->handle);
}

static inline int mpi_receive(void *bytes, int count, int rank, int tag, mpi_request *request) {
    return MPI_Irecv(bytes, count, MPI_BYTE, rank, tag, MPI_COMM_WORLD, &request->handle);
}

/// Whether a request is done. One that is done is done forever.
static inline int mpi_is_done(mpi_request *request, int *is_done) {
    return MPI_Test(&request->handle, is_done, MPI_STATUS_IGNORE);
}

/// A text of at most MPI_MAX_ERROR_STRING bytes, 0 at its end.
static inline void mpi_words(int error, char *words) {
    int length = 0;
    words[0] = 0;
    MPI_Error_string(error, words, &length);
}

enum { mpi_words_capacity = MPI_MAX_ERROR_STRING + 1 };

static inline void mpi_finish(void) { MPI_Finalize(); }

/// Ends all ranks.
static inline void mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

#endif
