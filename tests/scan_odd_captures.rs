//! Captures of dialects and of faults, cut from bug reports: nothing in them is dropped without a word.

use icelens::scan::capture::{Capture, Oddity, Transaction};
use icelens::scan::scan;
use icelens::stun::Method;

macro_rules! capture {
    ($name:literal) => {
        *scan(include_bytes!(concat!("fixtures/field-captures/", $name, ".pcap"))).capture.expect("a capture")
    };
}

fn answered(capture: &Capture) -> usize {
    capture.transactions.iter().filter(|transaction| transaction.response.is_some()).count()
}

fn odd_answers(capture: &Capture, oddity: Oddity) -> usize {
    let odd = |transaction: &&Transaction| transaction.response.as_ref().is_some_and(|it| it.oddity == Some(oddity));
    capture.transactions.iter().filter(odd).count()
}

/// Microsoft's TURN does not pad: 8 requests, 4 errors and 4 successes.
#[test]
fn messages_that_are_not_padded() {
    let capture = capture!("unpadded-allocate");
    let allocate: Vec<_> = capture.transactions.iter().filter(|it| it.method == Method::ALLOCATE).collect();
    assert_eq!((allocate.len(), allocate.iter().filter(|it| it.response.is_some()).count()), (8, 8));
    let errors = |code| {
        let refused = |it: &&Transaction| it.response.as_ref().is_some_and(|response| response.error == code);
        allocate.iter().filter(|it| refused(it)).count()
    };
    assert_eq!((errors(Some(401)), errors(None)), (4, 4));
    assert!(capture.transactions.iter().any(|it| it.oddity == Some(Oddity::Unaligned)));
}

/// A messenger's requests of 106 bytes.
#[test]
fn requests_that_are_not_aligned() {
    let capture = capture!("unaligned-requests");
    let requests: usize = capture.transactions.iter().map(|it| it.requests.len()).sum();
    assert_eq!(requests, 20);
    assert!(capture.transactions.iter().all(|it| it.oddity == Some(Oddity::Unaligned)));
    assert!(answered(&capture) > 0);
}

#[test]
fn an_answer_that_can_not_be_read_is_an_answer() {
    let capture = capture!("attribute-length-ffff");
    assert_eq!((capture.transactions.len(), answered(&capture)), (1, 1));
    assert_eq!(odd_answers(&capture, Oddity::Malformed), 1);
}

#[test]
fn a_transaction_id_used_again_is_another_check() {
    let capture = capture!("reused-transaction");
    let nominated = capture.transactions.iter().find(|it| it.check.as_ref().is_some_and(|check| check.use_candidate));
    assert!(nominated.is_some_and(|it| it.requests.first().is_some_and(|seen| seen.packet == 7)));
    assert!(nominated.is_some_and(|it| it.response.is_some()));
    assert!(capture.sessions.iter().any(|session| session.selected.is_some()));
}

#[test]
fn answers_of_a_foreign_type_are_answers() {
    let capture = capture!("foreign-answer-type");
    assert!(odd_answers(&capture, Oddity::Foreign) > 0);
    assert_eq!(answered(&capture), odd_answers(&capture, Oddity::Foreign));
}

#[test]
fn answers_from_other_addresses_are_told_apart_from_silence() {
    let capture = capture!("answers-from-elsewhere");
    let elsewhere = |it: &&Transaction| it.response.as_ref().is_some_and(|response| response.from != it.server);
    assert!(capture.transactions.iter().filter(elsewhere).count() > 0);
    assert_eq!(capture.unasked, 0);
}
