//! Bytes that belong to Java: readable for the time of a call, and never to be trusted to stay the same.

/// Where bytes lie that Java passed into a call.
///
/// A Java thread that breaks the rules may write there while native code reads. So nothing ever refers to these bytes:
/// they are copied out once, and only the copy is looked at.
#[derive(Clone, Copy, Debug)]
pub struct ForeignBytes {
    address: usize,
    len: usize,
}

impl ForeignBytes {
    /// # Safety
    ///
    /// `ptr` is readable for `len` bytes until the state that this value is given to forgets it: at the end of the call
    /// (`WescaleState::end_call`). With `len` 0 any `ptr` will do.
    pub unsafe fn new(ptr: *const u8, len: usize) -> ForeignBytes {
        ForeignBytes { address: ptr.expose_provenance(), len }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Copies as many bytes as both sides have.
    #[inline(never)]
    pub fn copy_to(&self, dst: &mut [u8]) {
        let len = self.len.min(dst.len());
        if len == 0 {
            return;
        }
        let src = std::ptr::with_exposed_provenance::<u8>(self.address);
        // SAFETY: `new`'s contract makes `src` readable for `self.len` bytes and `dst` is writable for its length; `len`
        // is within both. `copy` lets them overlap. No reference to the source is made, so a Java thread that writes
        // there at the same time can only spoil the copied values, on which nothing depends before they are copied.
        unsafe { std::ptr::copy(src, dst.as_mut_ptr(), len) }
    }

    /// Makes `buffer` a copy of these bytes, within its capacity if it suffices.
    pub fn copy_into(&self, buffer: &mut Vec<u8>) {
        buffer.resize(self.len, 0);
        self.copy_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(bytes: &[u8]) -> ForeignBytes {
        // SAFETY: the tests below keep `bytes` alive for longer than the value made here.
        unsafe { ForeignBytes::new(bytes.as_ptr(), bytes.len()) }
    }

    #[test]
    fn copies_what_both_sides_have() {
        let source = *b"abcdef";
        let bytes = foreign(&source);
        let mut small = [0u8; 3];
        bytes.copy_to(&mut small);
        assert_eq!(&small, b"abc");
        let mut large = [b'-'; 8];
        bytes.copy_to(&mut large);
        assert_eq!(&large, b"abcdef--");
        bytes.copy_to(&mut []);
    }

    #[test]
    fn empty_bytes_need_no_address() {
        // SAFETY: no byte is read through the null pointer, the length is 0.
        let bytes = unsafe { ForeignBytes::new(std::ptr::null(), 0) };
        assert!(bytes.is_empty());
        let mut dst = [7u8; 2];
        bytes.copy_to(&mut dst);
        assert_eq!(dst, [7, 7]);
    }

    #[test]
    fn copy_into_keeps_the_capacity() {
        let source = [1u8; 100];
        let mut buffer = Vec::new();
        foreign(&source).copy_into(&mut buffer);
        assert_eq!(buffer, source);
        let capacity = buffer.capacity();
        foreign(&source[..10]).copy_into(&mut buffer);
        assert_eq!(buffer, &source[..10]);
        assert_eq!(buffer.capacity(), capacity);
    }
}
