#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@inline(__always)
func logarithm(_ x: Float) -> Float {
    logf(x)
}
