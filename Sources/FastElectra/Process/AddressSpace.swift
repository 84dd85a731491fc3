import CLibrary
import Storage
import SystemPackage
import Terminal

/// The limit of address space (`ulimit -v`), under which allocations fail; without one they never do, and the kernel ends
/// the process that uses too much as `kill -9` would.
enum AddressSpace {
    /// In bytes, nil where there is none.
    static var limit: UInt64? {
        var limit = rlimit()
        #if canImport(Glibc)
            guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
        #else
            guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
        #endif
        return limit.rlim_cur < UInt64(Int64.max) ? UInt64(limit.rlim_cur) : nil
    }

    /// Makes an allocation that fails under a limit end the process with a message. Swift's own answer is a trap, which no
    /// code can catch, as after a failed precondition. To be called before work begins.
    static func explainExhaustion() {
        guard limit != nil else { return }
        for trap in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS] { signal(trap, handle) }
    }

    /// Refuses work that has no room under a limit: OpenBLAS asks for its buffers again and again, forever. Our own products
    /// need less, but a failure in the midst of the work is harder to understand.
    ///
    /// - Parameter threads: those that will call it.
    static func require(threads: Int) throws {
        guard let limit else { return }
        let needed = (threads + 1) * bytesPerThread
        let room = mmap(nil, needed, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let room, room != MAP_FAILED else { throw TooSmall(limit: limit, needed: needed, threads: threads) }
        munmap(room, needed)
    }

    /// OpenBLAS's buffer of 128 MB, malloc's arena of 128 MB while it finds none, and a stack.
    private static let bytesPerThread = 272 << 20

    private struct TooSmall: ExplainedError {
        let limit: UInt64
        let needed: Int
        let threads: Int

        var blame: Blame { .environment }
        var problem: String {
            "address space is limited to \(Quantity.bytes(Int(limit))), and \(threads) "
                + "\(threads == 1 ? "thread needs" : "threads need") \(Quantity.bytes(needed)) of it to compute in"
        }
        var location: ErrorLocation? { nil }
        var remedy: String { "Raise the limit (ulimit -v), or ask for fewer --threads" }
    }

    private static let handle: @convention(c) (Int32) -> Void = { trap in
        // The system call that refused memory has just left its mark in this thread. Any other trap is a defect of the program, and
        // ends it as it would without a limit.
        if errno != ENOMEM {
            signal(trap, SIG_DFL)
            raise(trap)
            return
        }
        let message: StaticString = """
            fast-electra: error: memory ran out under the limit of address space. Raise the limit (ulimit -v) and run the \
            same command again.

            """
        _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
        _exit(Failure.Status.failed.rawValue)
    }
}
