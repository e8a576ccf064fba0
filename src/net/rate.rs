//! How much one source may ask: token buckets in tables of fixed size.
//!
//! A key has a slot in each of two rows, and is admitted while the emptier of its two slots allows it, so that a source
//! shares a limit with another only where both slots collide. Where a slot lies depends on a seed that no peer knows.
use alloc::boxed::Box;
use alloc::vec;
use core::net::IpAddr;
use core::time::Duration;

/// Slots of a row for addresses (IPv6: networks of 64 bits).
const ADDRESS_SLOTS: usize = 8192;
/// Slots of a row for prefixes.
const PREFIX_SLOTS: usize = 2048;

/// A rate with a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests per second in the long run; 0 admits none but the burst.
    pub per_second: u32,
    /// Requests at once; at least 1 is admitted.
    pub burst: u32,
}

/// The rates of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRates {
    /// Of an IPv4 address, or of an IPv6 network of 64 bits: that much is handed to one household.
    pub address: Rate,
    /// Of an IPv4 network of 24 bits, or of an IPv6 network of 48.
    pub prefix: Rate,
}

/// Enough for a household that gathers candidates on many connections at once, and little for the victim of a forged
/// source: 200 answers of STUN a second are 11 kilobytes.
impl Default for SourceRates {
    fn default() -> Self {
        Self { address: Rate { per_second: 200, burst: 500 }, prefix: Rate { per_second: 2000, burst: 5000 } }
    }
}

/// Admits requests by their source, in memory of fixed size (160 KiB).
#[derive(Clone, Debug)]
pub struct SourceLimiter {
    addresses: Table,
    prefixes: Table,
}

impl SourceLimiter {
    /// `seed`: random, so that no peer can choose addresses that share the slots of another's.
    #[must_use]
    pub fn new(rates: SourceRates, seed: u64) -> Self {
        Self {
            addresses: Table::new(rates.address, ADDRESS_SLOTS, seed),
            prefixes: Table::new(rates.prefix, PREFIX_SLOTS, mix(seed)),
        }
    }

    /// Whether a request of `source` is admitted at `now`; counts it if so.
    pub fn admit(&mut self, now: Duration, source: IpAddr) -> bool {
        let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX / 2);
        let (address, prefix) = keys(source);
        let (address, prefix) = (self.addresses.places(address), self.prefixes.places(prefix));
        let (Some(next_address), Some(next_prefix)) =
            (self.addresses.next(address, now), self.prefixes.next(prefix, now))
        else {
            return false;
        };
        self.addresses.set(address, next_address);
        self.prefixes.set(prefix, next_prefix);
        true
    }
}

/// The address (IPv6: 64 bits of it) and the prefix. The families do not meet: no IPv6 source begins with 64 zeros and
/// more than loopback after them.
fn keys(source: IpAddr) -> (u64, u64) {
    match source.to_canonical() {
        IpAddr::V4(v4) => (u64::from(v4.to_bits()), u64::from(v4.to_bits() >> 8)),
        IpAddr::V6(v6) => {
            let network = u64::try_from(v6.to_bits() >> 64).unwrap_or_default();
            (network, network >> 16)
        }
    }
}

/// Buckets of one rate. A slot holds the time in microseconds at which its bucket is full again (the "theoretical arrival
/// time" of the generic cell rate algorithm).
#[derive(Clone, Debug)]
struct Table {
    interval: u64,
    burst: u64,
    seed: u64,
    rows: [Box<[u64]>; 2],
}

impl Table {
    fn new(rate: Rate, slots: usize, seed: u64) -> Self {
        let interval = 1_000_000_u64.checked_div(u64::from(rate.per_second)).unwrap_or(u64::MAX / 1024).max(1);
        let burst = u64::from(rate.burst.max(1)).saturating_sub(1).saturating_mul(interval);
        Self { interval, burst, seed, rows: [vec![0; slots].into(), vec![0; slots].into()] }
    }

    fn places(&self, key: u64) -> [usize; 2] {
        let hash = mix(key ^ self.seed);
        let place = |hash: u64, row: &[u64]| usize::try_from(hash % (row.len() as u64).max(1)).unwrap_or_default();
        let [first, second] = &self.rows;
        [place(hash & 0xffff_ffff, first), place(hash >> 32, second)]
    }

    /// The time to note when a request at `now` is admitted; `None` when it is not.
    fn next(&self, [first, second]: [usize; 2], now: u64) -> Option<u64> {
        let [a, b] = &self.rows;
        let full = *a.get(first)?.min(b.get(second)?);
        let full = full.max(now);
        (full - now <= self.burst).then(|| full.saturating_add(self.interval))
    }

    fn set(&mut self, [first, second]: [usize; 2], time: u64) {
        let [a, b] = &mut self.rows;
        for slot in [a.get_mut(first), b.get_mut(second)].into_iter().flatten() {
            *slot = (*slot).max(time);
        }
    }
}

/// The finaliser of SplitMix64.
const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    const RATES: SourceRates =
        SourceRates { address: Rate { per_second: 10, burst: 20 }, prefix: Rate { per_second: 50, burst: 100 } };

    fn admitted(limiter: &mut SourceLimiter, now: u64, source: &str, count: usize) -> usize {
        let source = source.parse().unwrap();
        (0..count).filter(|_| limiter.admit(Duration::from_millis(now), source)).count()
    }

    #[test]
    fn a_source_gets_its_burst_and_then_its_rate() {
        let mut limiter = SourceLimiter::new(RATES, 1);
        assert_eq!(admitted(&mut limiter, 0, "192.0.2.1", 100), 20);
        assert_eq!(admitted(&mut limiter, 0, "192.0.2.2", 1), 1);
        assert_eq!(admitted(&mut limiter, 1000, "192.0.2.1", 100), 10);
        assert_eq!(admitted(&mut limiter, 1_000_000, "192.0.2.1", 100), 20, "no more than the burst is saved up");
        assert_eq!(admitted(&mut limiter, 0, "192.0.2.1", 5), 0, "a clock that goes back earns nothing");
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_source() {
        let mut limiter = SourceLimiter::new(RATES, 2);
        assert_eq!(admitted(&mut limiter, 0, "2001:db8::1", 15), 15);
        assert_eq!(admitted(&mut limiter, 0, "2001:db8::ffff:2", 15), 5);
        assert_eq!(admitted(&mut limiter, 0, "2001:db8:0:1::1", 15), 15);
        assert_eq!(admitted(&mut limiter, 0, "::ffff:192.0.2.1", 15), 15);
        assert_eq!(admitted(&mut limiter, 0, "192.0.2.1", 15), 5, "an IPv4-mapped address is the IPv4 address");
    }

    #[test]
    fn a_prefix_has_a_rate_of_its_own() {
        let mut limiter = SourceLimiter::new(RATES, 3);
        let mut of = |address: &dyn Fn(usize) -> String| -> usize {
            (0..200).map(|host| admitted(&mut limiter, 0, &address(host), 1)).sum()
        };
        assert_eq!(of(&|host| format!("198.51.100.{host}")), 100);
        assert_eq!(of(&|host| format!("203.0.113.{host}")), 100);
        assert_eq!(of(&|host| format!("2001:db8:1:{host}::1")), 100);
        assert_eq!(of(&|host| format!("2001:db8:2:{host}::1")), 100);
    }

    /// A flood from forged sources takes no honest source's share, and no memory.
    #[test]
    fn a_flood_of_forged_sources_leaves_others_their_rate() {
        let mut limiter = SourceLimiter::new(SourceRates::default(), 4);
        let mut state = 7_u64;
        let mut refused = 0;
        for step in 0..200_000_u64 {
            state = mix(state);
            let forged = IpAddr::V4(core::net::Ipv4Addr::from_bits((state & 0xffff_ffff) as u32));
            limiter.admit(Duration::from_micros(step * 10), forged);
            if step % 1000 == 0 && !limiter.admit(Duration::from_micros(step * 10), "192.0.2.1".parse().unwrap()) {
                refused += 1;
            }
        }
        assert_eq!(refused, 0);
    }

    #[test]
    fn odd_rates_and_times_are_taken() {
        let none = Rate { per_second: 0, burst: 0 };
        let mut limiter = SourceLimiter::new(SourceRates { address: none, prefix: none }, 0);
        assert_eq!(admitted(&mut limiter, 0, "192.0.2.1", 5), 1);
        let most = Rate { per_second: u32::MAX, burst: u32::MAX };
        let mut limiter = SourceLimiter::new(SourceRates { address: most, prefix: most }, u64::MAX);
        assert!(limiter.admit(Duration::MAX, "192.0.2.1".parse().unwrap()));
    }
}
