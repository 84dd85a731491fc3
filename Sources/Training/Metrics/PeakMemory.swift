import CLibrary

/// The most memory that this process has had so far.
public enum PeakMemory {
    /// Bytes of physical memory; `nil` where the system does not tell.
    public static var byteCount: Int? {
        var usage = rusage()
        #if canImport(Glibc)
            let code = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
            let code = getrusage(RUSAGE_SELF, &usage)
        #endif
        guard code == 0, usage.ru_maxrss > 0 else { return nil }
        #if os(macOS)
            return usage.ru_maxrss
        #else
            // Kibibytes.
            return usage.ru_maxrss << 10
        #endif
    }
}
