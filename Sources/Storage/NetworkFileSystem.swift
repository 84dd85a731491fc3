import CLibrary
import SystemPackage

/// File systems that several machines may use at once. The lock of a folder there is one machine's own affair (`flock` on
/// NFS, and on Lustre without `-o flock`), even where the system grants it.
package enum NetworkFileSystem {
    private static let types: Set<Substring> = [
        "nfs", "nfs4", "lustre", "gpfs", "beegfs", "ceph", "cifs", "smb3", "9p", "virtiofs", "afs", "orangefs", "ocfs2",
        "gfs2",
    ]

    /// Whether a folder lies on one. Where the system does not tell (it is not Linux), it counts as local.
    static func holds(_ folder: FilePath) -> Bool {
        var status = stat()
        guard stat(folder.string, &status) == 0, let mounts = ProcessFile.text(of: "/proc/self/mountinfo") else {
            return false
        }
        return holds(device: UInt64(status.st_dev), mounts: mounts)
    }

    /// - Parameters:
    ///   - device: of a folder, as `stat(2)` gives it.
    ///   - mounts: `/proc/self/mountinfo`, as proc(5) describes it.
    package static func holds(device: UInt64, mounts: String) -> Bool {
        // As glibc splits a device's number.
        let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
        let minor = device & 0xFF | device >> 12 & ~0xFF
        return mounts.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == "\(major):\(minor)", let dash = fields.firstIndex(of: "-") else {
                return false
            }
            let type = fields.dropFirst(dash + 1).first ?? ""
            return types.contains(type) || type.hasPrefix("fuse.")
        }
    }
}
