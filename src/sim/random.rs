//! Seeded randomness: the same seed and stream give the same numbers, everywhere.

/// A generator of the SplitMix64 family; for simulation, not for secrets.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// One stream of a seed; each device takes its own, so that one more packet here changes nothing there.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self { state: seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15) };
        random.next();
        random
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "an endless sequence is not an iterator to loop over")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 up to but without `below`; 0 when `below` is 0.
    pub fn below(&mut self, below: u64) -> u64 {
        // The bias of the multiplication is under 2^-32 for the ranges used here.
        ((u128::from(self.next()) * u128::from(below)) >> 64) as u64
    }

    /// A number from 0 to 1, without 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this chance.
    pub fn chance(&mut self, chance: f64) -> bool {
        self.share() < chance
    }

    /// A number of events when so many are expected (Poisson); at most 10 000.
    pub fn poisson(&mut self, expected: f64) -> u32 {
        // Knuth's product of uniforms, in pieces that do not underflow.
        let mut left = expected.clamp(0.0, 5000.0);
        let (mut count, mut product) = (0, 1.0);
        loop {
            product *= self.share();
            while product < 1.0 && left > 0.0 {
                let step = left.min(500.0);
                product *= step.exp();
                left -= step;
            }
            if product <= 1.0 || count == 10_000 {
                return count;
            }
            count += 1;
        }
    }
}
