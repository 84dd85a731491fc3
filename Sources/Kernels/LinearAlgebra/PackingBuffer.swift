#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One thread's memory for laying out factors: made when the thread first multiplies, freed when it ends.
final class PackingBuffer {
    /// [deepest, 32]
    let panel: UnsafeMutablePointer<Float>
    /// [mostRows / 8, deepest, 8]
    let left: UnsafeMutablePointer<Float>
    /// [8, 32]
    let tile: UnsafeMutablePointer<Float>
    private let memory: UnsafeMutableRawPointer

    private init() {
        let panelCount = TiledProduct.deepest * MatrixTile.columns
        let leftCount = TiledProduct.mostRows * TiledProduct.deepest
        let tileCount = MatrixTile.rows * MatrixTile.columns
        let count = panelCount + leftCount + tileCount
        memory = .allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        panel = memory.bindMemory(to: Float.self, capacity: count)
        panel.initialize(repeating: 0, count: count)
        left = panel + panelCount
        tile = left + leftCount
    }

    deinit {
        memory.deallocate()
    }

    static var ofThisThread: PackingBuffer {
        if let buffer = pthread_getspecific(key) {
            return Unmanaged<PackingBuffer>.fromOpaque(buffer).takeUnretainedValue()
        }
        let buffer = PackingBuffer()
        pthread_setspecific(key, Unmanaged.passRetained(buffer).toOpaque())
        return buffer
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key) { buffer in
            if let buffer { Unmanaged<PackingBuffer>.fromOpaque(buffer).release() }
        }
        precondition(failure == 0, "no thread-specific keys are left")
        return key
    }()
}
