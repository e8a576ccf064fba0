//! MD5 (RFC 1321) of long-term credentials (RFC 8489 §9.2.2).

/// MD5 of `parts` one after the other.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn md5(parts: &[&[u8]]) -> [u8; 16] {
    use md5::{Digest, Md5};

    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

#[cfg(target_arch = "wasm32")]
pub(crate) use small::md5;

/// The crate `md-5` writes out each of the 64 steps; it is called once for a password, and a loop is 2 KB smaller.
#[cfg(any(target_arch = "wasm32", test))]
mod small {
    /// 2³² times the sines of 1 to 64 (RFC 1321 §3.4).
    #[rustfmt::skip]
    const SINES: [u32; 64] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ];
    /// How far the steps of each round rotate, in turn.
    const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

    pub(crate) fn md5(parts: &[&[u8]]) -> [u8; 16] {
        let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
        let mut block = [0_u8; 64];
        let mut length = 0_u64;
        let end = [0x80_u8];
        // The end, zeros up to 56 of a block, the length in bits.
        let bits = parts.iter().map(|part| part.len() as u64 * 8).sum::<u64>().to_le_bytes();
        let total = parts.iter().map(|part| part.len()).sum::<usize>();
        let zeros = [0_u8; 64];
        let zeros = zeros.get(..(119 - total % 64) % 64).unwrap_or_default();
        for byte in parts.iter().copied().chain([&end[..], zeros, &bits[..]]).flatten() {
            if let Some(place) = block.get_mut(length as usize % 64) {
                *place = *byte;
            }
            length += 1;
            if length.is_multiple_of(64) {
                compress(&mut state, &block);
            }
        }
        let mut out = [0; 16];
        out.as_chunks_mut().0.iter_mut().zip(state).for_each(|(place, word)| *place = word.to_le_bytes());
        out
    }

    fn compress(state: &mut [u32; 4], block: &[u8; 64]) {
        let [mut a, mut b, mut c, mut d] = *state;
        for (step, sine) in SINES.iter().enumerate() {
            let (round, turn) = (step / 16, step % 4);
            let (mixed, at) = match round {
                0 => (d ^ (b & (c ^ d)), step),
                1 => (c ^ (d & (b ^ c)), 5 * step + 1),
                2 => (b ^ c ^ d, 3 * step + 5),
                _ => (c ^ (b | !d), 7 * step),
            };
            let word = block.as_chunks().0.get(at % 16).copied().map_or(0, u32::from_le_bytes);
            let rotated = TURNS.get(round).and_then(|turns| turns.get(turn)).copied().unwrap_or_default();
            let sum = a.wrapping_add(mixed).wrapping_add(word).wrapping_add(*sine);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(rotated)));
        }
        state.iter_mut().zip([a, b, c, d]).for_each(|(word, add)| *word = word.wrapping_add(add));
    }
}

#[cfg(test)]
mod tests {
    use super::{md5, small};
    use alloc::vec::Vec;

    #[test]
    fn the_loop_gives_the_test_suite_of_rfc_1321() {
        let hex = |text: &str| {
            small::md5(&[text.as_bytes()]).iter().map(|b| alloc::format!("{b:02x}")).collect::<alloc::string::String>()
        };
        assert_eq!(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(
            hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a"
        );
    }

    #[test]
    fn the_loop_gives_what_the_crate_gives_for_each_length() {
        let bytes: Vec<u8> = (0..300_u16).map(|n| (n * 7 % 251) as u8).collect();
        for length in 0..=bytes.len() {
            let (head, tail) = bytes[..length].split_at(length / 3);
            assert_eq!(small::md5(&[head, tail]), md5(&[head, tail]), "{length}");
        }
    }
}
