//! CRC-32 as FINGERPRINT uses it (RFC 8489 §14.7: ITU V.42, the one of zip and Ethernet).
#![allow(clippy::indexing_slicing, reason = "a byte and the number of a table are always within the tables")]

/// CRC-32 of two slices as if they were one.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn crc32(head: &[u8], tail: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(tail);
    hasher.finalize()
}

#[cfg(target_arch = "wasm32")]
pub(crate) use small::crc32;

/// crc32fast carries 16 KiB of tables, more than all the rest of the small wasm build. Here the tables are computed
/// at the first call; atomics are plain loads and stores on wasm32.
#[cfg(any(target_arch = "wasm32", test))]
mod small {
    use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

    /// `TABLES[256 * k + b]` advances a CRC whose next byte is `b` by `k` further zero bytes.
    static TABLES: [AtomicU32; 4 * 256] = [const { AtomicU32::new(0) }; 4 * 256];
    static READY: AtomicBool = AtomicBool::new(false);

    pub(crate) fn crc32(head: &[u8], tail: &[u8]) -> u32 {
        if !READY.load(Relaxed) {
            fill();
        }
        !update(update(!0, head), tail)
    }

    fn at(table: usize, byte: u32) -> u32 {
        TABLES[table << 8 | (byte & 0xff) as usize].load(Relaxed)
    }

    fn update(mut crc: u32, bytes: &[u8]) -> u32 {
        let (words, rest) = bytes.as_chunks::<4>();
        for word in words {
            crc ^= u32::from_le_bytes(*word);
            crc = at(3, crc) ^ at(2, crc >> 8) ^ at(1, crc >> 16) ^ at(0, crc >> 24);
        }
        rest.iter().fold(crc, |crc, &byte| at(0, crc ^ u32::from(byte)) ^ crc >> 8)
    }

    fn fill() {
        for byte in 0..256 {
            let mut crc = byte;
            for _ in 0..8 {
                crc = crc >> 1 ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1));
            }
            TABLES[byte as usize].store(crc, Relaxed);
        }
        for index in 256..4 * 256 {
            let before = TABLES[index - 256].load(Relaxed);
            TABLES[index].store(at(0, before) ^ before >> 8, Relaxed);
        }
        READY.store(true, Relaxed);
    }

    #[cfg(test)]
    mod tests {
        use alloc::vec::Vec;

        #[test]
        fn agrees_with_the_library() {
            let bytes: Vec<u8> = (0..1000u32).map(|i| ((i * i) >> 3) as u8).collect();
            assert_eq!(super::crc32(b"12345", b"6789"), 0xcbf4_3926);
            for len in 0..bytes.len() {
                let (head, tail) = bytes[..len].split_at(len / 3);
                assert_eq!(super::crc32(head, tail), super::super::crc32(head, tail));
            }
        }
    }
}
