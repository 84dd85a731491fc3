import KernelChoice

extension OpenBLAS {
    /// result[m, n] = scale · left[m, k] · right[k, n] + keeping · result[m, n]
    public func multiply(
        _ left: borrowing Factor, _ right: borrowing Factor, m: Int, n: Int, k: Int, scale: Float = 1,
        keeping: Float = 0, into result: consuming MutableSpan<Float>, stride: Int
    ) {
        let (rowMajor, plain, transposed): (CInt, CInt, CInt) = (101, 111, 112)
        product(
            rowMajor, left.isTransposed ? transposed : plain, right.isTransposed ? transposed : plain, CInt(m), CInt(n),
            CInt(k), scale, left.elements.address, CInt(left.stride), right.elements.address, CInt(right.stride),
            keeping, result.address, CInt(stride))
    }
}
