import Storage
import SystemPackage

/// Checks every byte of shards and data sets, and reports all that is wrong, not the first fault alone.
///
/// Beyond the checks of a reader it checks that the tokens of a head are distinct and that races are won by others.
public struct ShardVerifier {
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        public var error: ShardError
        /// The block in its shard, where it is known.
        public var block: Int?

        public init(error: ShardError, block: Int? = nil) {
            (self.error, self.block) = (error, block)
        }

        public var description: String {
            block.map { "block \($0): \(error)" } ?? "\(error)"
        }
    }

    public struct Report: Sendable, Hashable {
        /// All faults, or the first ``faultLimit``.
        public private(set) var faults: [Fault] = []
        /// How many more there are.
        public private(set) var unlistedFaultCount = 0
        public var shards = 0
        public var blocks = 0
        public var bytes: UInt64 = 0
        /// The counts of the sound blocks.
        public var counts = Counts()

        public init() {}

        public var isSound: Bool { faults.isEmpty }

        /// A damaged shard may have a fault every few bytes, each of which takes more memory than those.
        public static let faultLimit = 1000

        public mutating func add(_ fault: Fault) {
            if faults.count < Self.faultLimit { faults.append(fault) } else { unlistedFaultCount += 1 }
        }

        /// Adds the faults and counts of another part.
        public static func += (total: inout Self, part: Self) {
            for fault in part.faults { total.add(fault) }
            total.unlistedFaultCount += part.unlistedFaultCount
            total.shards += part.shards
            total.blocks += part.blocks
            total.bytes += part.bytes
            total.counts += part.counts
        }
    }

    /// How far a verification has come.
    public struct Progress: Sendable, Hashable {
        public var file: String
        public var bytesDone: UInt64
        public var bytesInAll: UInt64
    }

    public private(set) var report = Report()
    private let decoder = BlockDecoder()
    private let bytesInAll: UInt64
    private let progress: (Progress) -> Void

    /// Verifies one shard.
    public static func verify(shard path: FilePath, progress: @escaping (Progress) -> Void = { _ in }) -> Report {
        var verifier = ShardVerifier(size(of: [path]), progress)
        _ = verifier.checkShard(path)
        return verifier.report
    }

    /// Verifies all shards of a folder, that they belong together and cover their passes, and the manifest.
    public static func verify(dataset folder: FilePath, progress: @escaping (Progress) -> Void = { _ in }) -> Report {
        let names: [String]
        do {
            names = try Manifest.shardNames(in: folder)
        } catch {
            var report = Report()
            report.add(Fault(error: error))
            return report
        }
        var verifier = ShardVerifier(size(of: names.map { folder.appending($0) }), progress)
        verifier.checkDataset(folder, names)
        return verifier.report
    }

    private init(_ bytesInAll: UInt64, _ progress: @escaping (Progress) -> Void) {
        self.bytesInAll = bytesInAll
        self.progress = progress
    }

    private static func size(of paths: [FilePath]) -> UInt64 {
        paths.reduce(0) { $0 + ((try? RandomAccessFile($1))?.count ?? 0) }
    }

    private mutating func add(_ error: ShardError, block: Int? = nil) {
        report.add(Fault(error: error, block: block))
    }

    private mutating func checkDataset(_ folder: FilePath, _ names: [String]) {
        var first: ShardReader?
        var entries: [Manifest.Entry] = []
        for name in names {
            guard let reader = checkShard(folder.appending(name)) else { continue }
            entries.append(Manifest.Entry(reader, byteCount: reader.byteCount))
            if let first {
                do throws(ShardError) {
                    try reader.requireBelonging(to: first.header, of: first.path.string)
                } catch {
                    add(error)
                }
            }
            first = first ?? reader
        }
        guard let first else {
            if names.isEmpty {
                add(ShardError(.noShards, "there is no shard here", at: ErrorLocation(file: folder.string)))
            }
            return
        }
        let actual = Manifest(header: first.header, shards: entries)
        // Its manifest is written when it is complete.
        if let missing = MissingShards(of: actual, in: folder) { return add(missing.error(in: folder)) }
        do throws(ShardError) {
            let passes = try PassCoverage(actual, folder: folder)
            if !passes.isComplete {
                add(
                    ShardError(
                        .coverageGap, "pass \(passes.passCount - 1) has no end: its last shards are missing",
                        at: ErrorLocation(file: folder.string)))
            }
        } catch {
            add(error)
        }
        checkManifest(of: folder, against: actual)
    }

    private mutating func checkManifest(of folder: FilePath, against actual: Manifest) {
        let location = ErrorLocation(file: folder.appending(Manifest.fileName).string)
        do throws(ShardError) {
            let manifest = try Manifest(reading: folder)
            if manifest.header != actual.header {
                let difference = manifest.header.disagreement(with: actual.header)
                add(
                    ShardError(
                        .manifestStale,
                        difference.map { "\($0.field) is \($0.own) in the manifest, but \($0.other) in the shards" }
                            ?? "the header in the manifest differs from the header of the shards", at: location))
            }
            let listed = Dictionary(manifest.shards.map { ($0.name, $0) }) { first, _ in first }
            if listed.count != manifest.shards.count {
                add(ShardError(.manifestStale, "a shard is listed twice", at: location))
            }
            for shard in actual.shards where listed[shard.name] != shard {
                let problem = listed[shard.name] == nil ? "is not listed" : "is not the one that is listed"
                add(ShardError(.manifestStale, "shard \(shard.name) \(problem)", at: location))
            }
            let present = Set(actual.shards.map(\.name))
            for name in listed.keys.sorted() where !present.contains(name) {
                add(
                    ShardError(
                        .manifestStale, "shard \(name) is listed, but not there or not readable", at: location,
                        remedy: ShardError.Kind.coverageGap.remedy))
            }
        } catch {
            let isMissing = error.cause?.errno == .noSuchFileOrDirectory
            add(
                isMissing
                    ? ShardError(.manifestMissing, "the manifest is missing", at: location) : error)
        }
    }

    /// - Returns: The shard if all but its blocks is sound.
    private mutating func checkShard(_ path: FilePath) -> ShardReader? {
        report.shards += 1
        let start = report.bytes
        let reader: ShardReader
        do throws(ShardError) {
            reader = try ShardReader(path)
        } catch {
            add(error)
            if error.kind != .inputOutput { checkFrames(path) }
            report.bytes = start + Self.size(of: [path])
            progress(Progress(file: path.string, bytesDone: report.bytes, bytesInAll: bytesInAll))
            return nil
        }
        for block in 0..<reader.blockCount {
            do throws(ShardError) {
                let content = try reader.block(at: block, using: decoder)
                let location = ErrorLocation(file: path.string, .byte(reader.frameOffsets[block]))
                for error in content.contradictions(at: location) { add(error, block: block) }
                report.counts += Counts(
                    sequences: UInt64(content.sequenceCount), tokens: UInt64(content.tokenCount),
                    maskedPositions: UInt64(content.maskedCount))
            } catch {
                add(error, block: block)
            }
            report.blocks += 1
            report.bytes = start + reader.frameOffsets[block + 1]
            progress(Progress(file: path.string, bytesDone: report.bytes, bytesInAll: bytesInAll))
        }
        report.bytes = start + reader.byteCount
        return reader
    }

    /// Where header or index of a shard is damaged: checks its frames as zstd does, without knowing their contents.
    private mutating func checkFrames(_ path: FilePath) {
        do throws(ShardError) {
            let file = try reportingFileErrors { () throws(FileError) in try RandomAccessFile(path) }
            try FrameWalk(file).findFaults { add($0) }
        } catch {
            add(error)
        }
    }
}

extension SequenceBlock {
    /// Contradictions that a reader does not look for, since they can do no harm to it: the first of each kind, and how
    /// many there are.
    fileprivate func contradictions(at location: ErrorLocation) -> [ShardError] {
        var doubled = (first: "", count: 0)
        var misplaced = (first: "", count: 0)
        var head: Set<Int32> = []
        var row = 0
        for masked in 0..<maskedCount {
            head.removeAll(keepingCapacity: true)
            for index in candidateRange(ofMasked: masked) {
                if head.insert(headIDs[index]).inserted { continue }
                if doubled.count == 0 {
                    doubled.first = "the head of masked position \(masked) has token \(headIDs[index]) twice"
                }
                doubled.count += 1
            }
            while masked >= Int(maskOffsets[row + 1]) { row += 1 }
            head.insert(tokens[Int(tokenOffsets[row]) + Int(maskedPositions[masked])])
            for race in raceRange(ofMasked: masked) {
                let range = winnerRange(ofRace: race)
                for index in range {
                    let isInHead = head.contains(winners[index])
                    let isRepeated = index > range.lowerBound && winners[index] == winners[index - 1]
                    if !isInHead, !isRepeated { continue }
                    if misplaced.count == 0 {
                        misplaced.first =
                            "race \(race - raceRange(ofMasked: masked).lowerBound) of masked position \(masked) is won by "
                            + "token \(winners[index]) " + (isInHead ? "of its head" : "twice running")
                    }
                    misplaced.count += 1
                }
            }
        }
        return [(ShardError.Kind.headNotDistinct, doubled), (.winnerNotInTail, misplaced)].compactMap { kind, found in
            if found.count == 0 { return nil }
            let others = found.count > 1 ? ", the first of \(found.count) such faults" : ""
            return ShardError(kind, found.first + others, at: location)
        }
    }
}
