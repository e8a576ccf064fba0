//! Time grows with the length of the text, and no faster: 1, 2, 4 and 8 MB of the worst that we could think of with
//! `cargo test --release`, a sixteenth of that in a debug build.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::time::Duration;

use icelens::predict;
use icelens::{candidate, sdp};

const SESSION: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// `head` and as many of `line` as fit; `#` in it is a number that differs from line to line.
fn fill(head: &str, line: &str, size: usize) -> String {
    let mut text = String::from(head);
    let mut count = 0;
    while text.len() < size {
        text.push_str(&line.replace('#', &count.to_string()));
        count += 1;
    }
    text
}

fn hostile(size: usize) -> Vec<(&'static str, String)> {
    let half = |first: &str, second: &str| fill(&fill(SESSION, first, size / 2), second, size);
    let mids: String = (0..size / 16).map(|n| format!(" {n}")).collect();
    vec![
        ("line ends", fill("", "\n", size)),
        ("one line", fill("a=x:", "x", size)),
        ("session lines, then sections", half("a=x\r\n", "m=a\r\n")),
        (
            "sections with mids",
            fill(&format!("{SESSION}a=group:BUNDLE{mids}\r\n"), "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:#\r\n", size),
        ),
        (
            "sections with credentials",
            fill(SESSION, "m=x 9 UDP/TLS/RTP/SAVPF 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:#\r\n", size),
        ),
        (
            "candidates",
            fill(&format!("{SESSION}m=audio 9 RTP/AVP 0\r\n"), "a=candidate:# 1 udp 1 1.2.3.4 5 typ host\r\n", size),
        ),
        ("one candidate", fill("m=a 9 x 0\r\na=candidate:1 1 udp 1 1.2.3.4 5 typ host", " x #", size)),
        ("spaces", fill("m=a 9 x 0\r\na=candidate:1 1", " ", size)),
        (
            "header extensions",
            fill(
                &format!("{SESSION}a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"),
                "a=extmap:# urn:#\r\n",
                size,
            ),
        ),
        (
            "streams",
            fill(
                &format!("{SESSION}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"),
                "a=ssrc:# msid:s t\r\na=ssrc-group:FID # #\r\n",
                size,
            ),
        ),
        ("emoji", fill(SESSION, "a=\u{1f600}\u{1f600}:\u{1f600}\r\n", size)),
        ("formats", fill(&format!("{SESSION}m=audio 9 RTP/AVP"), " 0", size)),
        ("data channels of the draft", fill(SESSION, "m=application 9 DTLS/SCTP 5000\r\n", size)),
    ]
}

fn work(text: &str) {
    let parsed = sdp::lint(text);
    for media in parsed.media() {
        black_box((
            media.ice(),
            media.dtls(),
            media.direction(),
            media.candidates().count(),
            media.end_of_candidates(),
        ));
    }
    black_box((predict::offer::chromium(&parsed), predict::offer::firefox(&parsed)));
    black_box(candidate::lint(text).candidate().map(|one| one.extensions().count()));
}

/// Time that this thread had of a processor: what others had of it, on a busy machine, does not count.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn processor_time() -> Duration {
    const OF_THIS_THREAD: i32 = 3;
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut [i64; 2]) -> i32;
    }
    let mut time = [0; 2];
    // SAFETY: where pointers have 64 bits, a `timespec` is two such numbers.
    assert_eq!(unsafe { clock_gettime(OF_THIS_THREAD, &mut time) }, 0);
    Duration::new(time[0].try_into().unwrap(), time[1].try_into().unwrap())
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn processor_time() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(std::time::Instant::now).elapsed()
}

/// The best of three.
fn seconds(text: &str) -> f64 {
    (0..3)
        .map(|_| {
            let start = processor_time();
            work(black_box(text));
            (processor_time() - start).as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn time_is_linear() {
    // A debug build is some twenty times slower: it gets a sixteenth of the text.
    let unit = if cfg!(debug_assertions) { 16 } else { 20 };
    let sizes = [1, 2, 4, 8].map(|units| units << unit);
    let texts: Vec<_> = sizes.iter().map(|&size| hostile(size)).collect();
    for (kind, (name, _)) in texts[0].iter().enumerate() {
        let times: Vec<f64> = texts.iter().map(|list| seconds(&list[kind].1)).collect();
        println!("{name}: {} ms", times.iter().map(|time| format!("{:.0}", time * 1e3)).collect::<Vec<_>>().join(", "));
        // Eight times the text: linear is 8, n log n with a colder cache is up to 16, quadratic is 64.
        let ratio = times[3] / times[0].max(5e-4);
        assert!(ratio < 32.0, "{name}: eight times the text takes {ratio:.1} times as long: {times:?}");
    }
}
