import Dispatch
import Synchronization

/// Work on several threads whose results are used in order.
///
/// `next` is called by one thread at a time, in order; so is `use`. Between them each thread works on its own item. At
/// most two items a thread are between `next` and `use`.
package func inOrder<Input: Sendable, Output: Sendable>(
    threads: Int, next: () throws -> Input?, work: @Sendable (_ thread: Int, Input) throws -> Output,
    use: (Output) throws -> Void
) throws {
    try withoutActuallyEscaping(next) { next in
        try withoutActuallyEscaping(use) { use in
            let queue = OrderedQueue<Input, Output>(next: next, use: use)
            let places = DispatchSemaphore(value: 2 * threads)
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                while true {
                    places.wait()
                    guard let (index, input) = queue.take() else {
                        // The others are to find out as well.
                        places.signal()
                        return
                    }
                    let used = queue.put(index, Result { try work(thread, input) })
                    for _ in 0..<used { places.signal() }
                }
            }
            if let error = queue.error { throw error }
        }
    }
}

/// The state that the threads of ``inOrder(threads:next:work:use:)`` share.
private final class OrderedQueue<Input: Sendable, Output: Sendable>: @unchecked Sendable {
    private struct State {
        var taken = 0
        var used = 0
        var waiting: [Int: Result<Output, any Error>] = [:]
        var isExhausted = false
        /// Of `work` or `use`: nothing is used after it.
        var error: (any Error)?
        /// Of `next`: inputs that were taken before it are still used.
        var inputError: (any Error)?
    }

    // The closures run under the lock, which makes the class Sendable although they are not.
    private let state = Mutex(State())
    private let next: () throws -> Input?
    private let use: (Output) throws -> Void

    init(next: @escaping () throws -> Input?, use: @escaping (Output) throws -> Void) {
        self.next = next
        self.use = use
    }

    var error: (any Error)? { state.withLock { $0.error ?? $0.inputError } }

    func take() -> (index: Int, input: Input)? {
        state.withLock { state in
            if state.isExhausted || state.error != nil { return nil }
            do {
                guard let input = try next() else {
                    state.isExhausted = true
                    return nil
                }
                state.taken += 1
                return (state.taken - 1, input)
            } catch {
                state.isExhausted = true
                state.inputError = error
                return nil
            }
        }
    }

    /// Uses the results that have become next in order; returns how many items left the queue.
    func put(_ index: Int, _ result: Result<Output, any Error>) -> Int {
        state.withLock { state in
            state.waiting[index] = result
            var count = 0
            while let result = state.waiting.removeValue(forKey: state.used) {
                state.used += 1
                count += 1
                if state.error != nil { continue }
                do { try use(result.get()) } catch { state.error = error }
            }
            return count
        }
    }
}
