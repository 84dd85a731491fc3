import FoundationEssentials
import JSON
import Storage
import SystemPackage

/// The records of finished runs, a file each in `runs` of the output folder. An interrupted command does not repeat these runs.
struct ClassifierRecords {
    static let folderName = "runs"

    private let folder: FilePath
    private let labelCount: Int

    /// - Parameter labelCount: of the task.
    init(in output: FilePath, labelCount: Int) {
        folder = output.appending(Self.folderName)
        self.labelCount = labelCount
    }

    func record(of run: ClassifierRun) throws -> ClassifierRecord? {
        let path = path(of: run)
        guard Folder(folder).contains(run.name + ".json") else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .spelledOut
        let record: ClassifierRecord
        do {
            record = try decoder.decode(ClassifierRecord.self, from: Data(try RandomAccessFile.contents(of: path)))
        } catch let error as DecodingError {
            throw FinetuningError(.malformedRecord(words(of: error)), path)
        }
        guard record.run == run else { throw FinetuningError(.malformedRecord("it is of another run"), path) }
        guard record.confusion.labelCount == labelCount else {
            throw FinetuningError(
                .malformedRecord("it has \(record.confusion.labelCount) labels, and the task has \(labelCount)"), path)
        }
        return record
    }

    func write(_ record: ClassifierRecord) throws {
        try Folder(folder).make()
        let encoder = JSONEncoder.ofResults
        encoder.nonConformingFloatEncodingStrategy = .spelledOut
        try DurableFile.write(Array(encoder.encode(record)) + [UInt8(ascii: "\n")], to: path(of: record.run))
    }

    private func path(of run: ClassifierRun) -> FilePath { folder.appending(run.name + ".json") }
}
