import CKernels
import CLibrary
import KernelChoice

/// One thread's memory for laying out factors: made when the thread first multiplies, freed when it ends.
final class PackingBuffer {
    let start: UnsafeMutablePointer<Float>

    private init() {
        let count = kernels.scratch_count
        start =
            UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: count)
        start.initialize(repeating: 0, count: count)
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
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
