import Storage
import SystemPackage

/// Checks every byte of shards and data sets, and collects all faults instead of stopping at the first.
public struct ShardVerifier: Sendable {
    /// What was found.
    public struct Report: Sendable, Hashable {
        public var shards = 0
        /// Of the blocks that could be read.
        public var counts = Counts()
        public var bytes: UInt64 = 0
        public var faults: [ShardError] = []

        public init() {}

        public var isSound: Bool { faults.isEmpty }

        mutating func add(_ fault: ShardError) { faults.append(fault) }
    }

    /// Blocks checked so far, of those of the shards opened so far.
    public struct Progress: Sendable, Hashable {
        public var bytes: UInt64
        public var totalBytes: UInt64
    }

    public init() {}

    /// Checks a folder: each of its shards, that they belong together and cover their passes, and the manifest.
    public func verify(
        dataset folder: FilePath, progress: (Progress) -> Void = { _ in }, isInterrupted: () -> Bool = { false }
    ) -> Report {
        var report = Report()
        let names: [String]
        do throws(ShardError) {
            names = try Manifest.shardNames(in: folder)
        } catch {
            report.add(error)
            return report
        }
        let paths = names.map { folder.appending($0) }
        verify(shards: paths, into: &report, progress: progress, isInterrupted: isInterrupted)
        // Shards that cannot be opened have been reported; what they would do to the whole says nothing new.
        guard report.isSound else { return report }
        do throws(ShardError) {
            let scanned = try Manifest(scanning: folder)
            _ = try PassCoverage(scanned, folder: folder)
            let written = try Manifest(reading: folder)
            if written != scanned {
                throw ShardError(
                    .manifestStale, "the manifest does not describe the shards that are there",
                    at: ErrorLocation(file: folder.appending(Manifest.fileName).string))
            }
        } catch {
            report.add(error)
        }
        return report
    }

    /// Checks one shard.
    public func verify(
        shard path: FilePath, progress: (Progress) -> Void = { _ in }, isInterrupted: () -> Bool = { false }
    ) -> Report {
        var report = Report()
        verify(shards: [path], into: &report, progress: progress, isInterrupted: isInterrupted)
        return report
    }

    private func verify(
        shards paths: [FilePath], into report: inout Report, progress: (Progress) -> Void, isInterrupted: () -> Bool
    ) {
        let decoder = BlockDecoder()
        let total = paths.reduce(UInt64(0)) { $0 + ((try? RandomAccessFile($1).count) ?? 0) }
        var first: ShardReader?
        for path in paths {
            let before = report.bytes
            do throws(ShardError) {
                let reader = try ShardReader(path)
                report.shards += 1
                report.bytes += reader.byteCount
                do throws(ShardError) {
                    if let first { try reader.requireBelonging(to: first.header, of: first.path.string) }
                    first = first ?? reader
                } catch {
                    report.add(error)
                }
                for block in 0..<reader.blockCount {
                    if isInterrupted() { return }
                    do throws(ShardError) {
                        let decoded = try reader.block(at: block, using: decoder)
                        report.counts += Counts(
                            sequences: UInt64(decoded.sequenceCount), tokens: UInt64(decoded.tokenCount),
                            maskedPositions: UInt64(decoded.maskedCount))
                    } catch {
                        report.add(error)
                    }
                    let done = before + reader.byteCount * UInt64(block + 1) / UInt64(reader.blockCount)
                    progress(Progress(bytes: done, totalBytes: total))
                }
            } catch {
                report.add(error)
            }
        }
    }
}
