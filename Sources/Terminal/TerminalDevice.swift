import CLibrary

/// One of the process's output streams, and whether progress and color can be shown on it.
package struct TerminalDevice: Sendable {
    private let descriptor: Int32
    /// Whether a person is looking: only then are progress and color shown.
    package let isTerminal: Bool
    /// Whether color is welcome: a terminal that can, and no `NO_COLOR` in the environment.
    package let showsColor: Bool

    package static let standardOutput = TerminalDevice(STDOUT_FILENO)
    package static let standardError = TerminalDevice(STDERR_FILENO)

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        let kind = getenv("TERM").map { String(cString: $0) } ?? "dumb"
        isTerminal = isatty(descriptor) == 1 && kind != "dumb"
        let refusal = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        showsColor = isTerminal && !refusal
    }

    /// Width in characters; 80 where it cannot be known. Asked anew each time, since people resize windows.
    package var columns: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes `text` at once, unbuffered. A reader that has gone away does not make the work fail.
    ///
    /// - Returns: the `errno` of any other failure, 0 if there was none.
    @discardableResult
    package func write(_ text: String) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = systemWrite(descriptor, rest)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return errno == EPIPE ? 0 : errno }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
