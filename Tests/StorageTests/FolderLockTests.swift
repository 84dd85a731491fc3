import CLibrary
import Fixtures
import Storage
import SystemPackage
import Testing

/// Locks of folders on file systems that have locks, that have none, and that fail.
@Suite struct FolderLockTests {
    let folder: FilePath
    private var claim: FilePath { folder.appending("claim.json") }

    init() throws {
        folder = try temporaryFolder()
    }

    /// On a file system whose locks answer with an error.
    private func lock(_ error: Int32?, isShared: Bool = false) throws -> FolderLock {
        try FolderLock(folder, isShared: isShared) { _ in error.map(Errno.init(rawValue:)) }
    }

    private func write(_ holder: String) throws {
        try DurableFile.write(holder, to: claim)
    }

    private var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Of this process, as a claim has them.
    private var numbers: String {
        var name = [CChar](repeating: 0, count: 64)
        guard readlink("/proc/self/ns/pid", &name, 63) > 0 else { return "" }
        return #","numbers":"\#(name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })""#
    }

    @Test func theSystemsLockLeavesNoFile() throws {
        let lock = try FolderLock(folder)
        #expect(throws: FolderInUse.self) { try FolderLock(folder) }
        #expect(try Folder(folder).names() == [])
        lock.release()
        try FolderLock(folder).release()
    }

    /// A process that another thread starts has a copy of the descriptor until it executes its program.
    @Test func releasesTheLockOfACopiedDescriptor() throws {
        var copy: FileDescriptor?
        let lock = try FolderLock(folder, isShared: false) { descriptor in
            copy = try? descriptor.duplicate()
            return flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 ? nil : Errno(rawValue: errno)
        }
        lock.release()
        try FolderLock(folder).release()
        try #require(copy).close()
    }

    @Test(arguments: [ENOLCK, EOPNOTSUPP, ENOSYS])
    func aClaimServesWhereThereAreNoLocks(error: Int32) throws {
        let first = try lock(error)
        let refusal = #expect(throws: FolderInUse.self) { try lock(error) }
        #expect(refusal?.problem == "process \(getpid()) on host \(hostName) is working in this folder")
        first.release()
        #expect(try Folder(folder).names() == [])
        try lock(error).release()
    }

    /// NFS grants the lock of a folder to each machine.
    @Test func aClaimServesWhereOtherMachinesSeeNoLocks() throws {
        let first = try lock(nil, isShared: true)
        #expect(throws: FolderInUse.self) { try lock(nil, isShared: true) }
        first.release()
    }

    @Test(arguments: [EIO, EBADF, EACCES]) func anErrorIsNotTakenForNoLocks(error: Int32) throws {
        let failure = #expect(throws: FileError.self) { try lock(error) }
        #expect(failure?.operation == .lock && failure?.errno.rawValue == error)
        #expect(try Folder(folder).names() == [])
    }

    @Test func anInterruptedCallIsRepeated() throws {
        var answers: [Errno?] = [.interrupted, .interrupted, nil]
        try FolderLock(folder, isShared: false) { _ in answers.removeFirst() }.release()
        #expect(answers.isEmpty)
    }

    /// No process has so high a number.
    @Test func theClaimOfADeadProcessIsTakenOver() throws {
        try write(#"{"host":"\#(hostName)","process":2147483600\#(numbers)}"#)
        try lock(ENOLCK).release()
        #expect(try Folder(folder).names() == [])
    }

    #if os(Linux)
        /// Another process has the number today: this one, which has not started at that time.
        @Test func theClaimOfAFormerProcessOfTheSameNumberIsTakenOver() throws {
            try write(#"{"host":"\#(hostName)","process":\#(getpid()),"started":1\#(numbers)}"#)
            try lock(ENOLCK).release()
        }
    #endif

    #if os(Linux)
        /// It has ended, and its parent, this process, has not asked how.
        @Test func theClaimOfAZombieIsTakenOver() throws {
            var child: pid_t = 0
            let words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("60"), nil]
            defer { for word in words { free(word) } }
            try #require(posix_spawn(&child, "/bin/sleep", nil, nil, words, [nil]) == 0)
            defer { waitpid(child, nil, 0) }
            try write(#"{"host":"\#(hostName)","process":\#(child)\#(numbers)}"#)
            #expect(throws: FolderInUse.self) { try lock(ENOLCK) }
            kill(child, SIGKILL)
            var ended = siginfo_t()
            // Waits for its end, and leaves it a zombie.
            try #require(waitid(P_PID, id_t(child), &ended, WEXITED | WNOWAIT) == 0)
            try lock(ENOLCK).release()
        }
    #endif

    /// Of a process in another container of this host, which has numbers of its own, the lock of the claim tells.
    @Test func theClaimOfAProcessWithOtherNumbersIsTakenOverOnceItIsNotLocked() throws {
        let other = #"{"host":"\#(hostName)","process":2147483600,"numbers":"pid:[1]"}"#
        try write(other)
        let file = try FileDescriptor.open(claim, .readWrite)
        try #require(flock(file.rawValue, LOCK_EX | LOCK_NB) == 0)
        #expect(throws: FolderInUse.self) { try lock(ENOLCK) }
        #expect(try RandomAccessFile.contents(of: claim) == Array(other.utf8))
        try file.close()
        try lock(ENOLCK).release()
        #expect(try Folder(folder).names() == [])
    }

    @Test func aClaimIsLocked() throws {
        let lock = try lock(ENOLCK)
        let file = try FileDescriptor.open(claim, .readWrite)
        #expect(flock(file.rawValue, LOCK_SH | LOCK_NB) != 0)
        lock.release()
        #expect(flock(file.rawValue, LOCK_SH | LOCK_NB) == 0)
        try file.close()
    }

    @Test func theClaimOfAnotherHostSaysWhatToRemove() throws {
        try write(#"{"host":"node-17","process":2147483600}"#)
        let refusal = #expect(throws: FolderInUse.self) { try lock(ENOLCK) }
        #expect(refusal?.problem == "process 2147483600 on host node-17 is working in this folder")
        #expect(refusal?.remedy.contains("If that process is dead, remove \(claim)") == true)
        #expect(try Folder(folder).names() == ["claim.json"])
    }

    /// A process that has just made the file has not written its name yet.
    @Test func anUnreadableClaimIsRespected() throws {
        try write("")
        let refusal = #expect(throws: FolderInUse.self) { try lock(ENOLCK) }
        #expect(refusal?.problem == "another process is working in this folder")
        #expect(refusal?.remedy.contains("\(claim)") == true)
    }

    /// Somebody removed the file of a living process, and a third one has taken the folder: its claim stays.
    @Test func releasesItsOwnClaimOnly() throws {
        let first = try lock(ENOLCK)
        let other = #"{"host":"node-17","process":4}"#
        try write(other)
        first.release()
        #expect(try RandomAccessFile.contents(of: claim) == Array(other.utf8))
    }

    @Test func tellsWhenTheFolderIsMoved() throws {
        let lock = try FolderLock(folder)
        defer { lock.release() }
        try lock.check()
        try Folder(folder).move(to: FilePath(folder.string + "-moved"))
        #expect(throws: FolderMoved.self) { try lock.check() }
        try Folder(folder).create()
        #expect(throws: FolderMoved.self, "another folder at the same path") { try lock.check() }
    }

    /// A failure there is reported as the move; a failure in a folder that is where it was, as itself.
    @Test func blamesTheMoveForWhatFails() throws {
        let identity = try FolderIdentity(of: folder)
        func write() throws { try DurableFile.write("text", to: folder.appending("none/file")) }
        #expect(throws: FileError.self) { try identity.whileWorking(write) }
        #expect(try identity.whileWorking { 7 } == 7)
        try Folder(folder).move(to: FilePath(folder.string + "-away"))
        #expect(throws: FolderMoved.self) { try identity.whileWorking(write) }
    }

    @Test func knowsNetworkFileSystems() {
        let mounts = """
            25 30 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            61 25 0:54 / /home rw,relatime shared:33 - nfs4 server:/home rw,vers=4.2
            62 25 0:55 / /data/fuse rw - fuse.sshfs server:/data rw
            """
        let ext4 = 254 << 8 as UInt64
        #expect(!NetworkFileSystem.holds(device: ext4, mounts: mounts))
        #expect(NetworkFileSystem.holds(device: 54, mounts: mounts))
        #expect(NetworkFileSystem.holds(device: 55, mounts: mounts))
        #expect(!NetworkFileSystem.holds(device: 56, mounts: mounts))
    }
}
