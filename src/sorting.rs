//! One sort for all lists that are not hot: of the standard library's there is a copy for each type of element, which were
//! a quarter of the code of the wasm.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Sorts by `compare`; equal elements keep their order.
pub(crate) fn sort_by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places = sorted_places(list.len(), &|a, b| match (list.get(a), list.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    // Each cycle of the permutation is walked once: a place of which the element has arrived points to itself.
    for start in 0..list.len() {
        let mut at = start;
        while let Some(place) = places.get_mut(at) {
            let from = core::mem::replace(place, at);
            if from == start {
                break;
            }
            list.swap(at, from);
            at = from;
        }
    }
}

/// Sorts; equal elements keep their order.
#[cfg(any(test, feature = "lint", feature = "nat"))]
pub(crate) fn sort<T: Ord>(list: &mut [T]) {
    sort_by(list, T::cmp);
}

/// The places from 0 to `length` in the order of what is there.
fn sorted_places(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..length).collect();
    places.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
    places
}

#[cfg(test)]
mod tests {
    use super::{sort, sort_by};
    use alloc::vec::Vec;

    /// Numbers without an order, the same in each run.
    fn numbers(count: u32, below: u32) -> Vec<u32> {
        (0..count).map(|n| n.wrapping_mul(2_654_435_761) >> 7).map(|n| n % below).collect()
    }

    #[test]
    fn sorts_as_the_standard_library_does() {
        for count in [0, 1, 2, 3, 20, 21, 100, 1000] {
            let mut own: Vec<(u32, u32)> = numbers(count, 10).into_iter().zip(0..).collect();
            let mut std = own.clone();
            std.sort_by_key(|&(number, _)| number);
            sort_by(&mut own, |a, b| a.0.cmp(&b.0));
            assert_eq!(own, std);
            own.reverse();
            sort(&mut own);
            assert_eq!(own, std);
        }
    }

    #[test]
    fn a_list_turned_by_one_takes_no_longer_than_any_other() {
        let mut turned: Vec<u32> = (1..200_000).chain([0]).collect();
        sort(&mut turned);
        assert!(turned.is_sorted());
    }
}
