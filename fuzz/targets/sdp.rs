//! Rules that hold for every text: the bodies of the fuzz targets, run on stable by `tests/sdp_fuzz.rs` as well.

use icelens::candidate;
use icelens::ice::{self, Role};
use icelens::sdp;

/// A description: the text is kept, lines and diagnostics lie in it, lines do not overlap, fixes fit.
pub(crate) fn describe(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parsed = sdp::lint(&text);
    assert_eq!(parsed.text(), text);
    let mut at = 0;
    for line in parsed.lines() {
        assert!(at <= line.start && line.start <= line.value && line.value <= line.end, "{line:?}");
        assert!(text.get(line.start as usize..line.end as usize).is_some(), "{line:?}");
        at = line.end;
    }
    assert!(parsed.diagnostics().as_slice().len() <= icelens::explain::MAX_DIAGNOSTICS);
    for one in parsed.diagnostics().as_slice() {
        assert!(text.get(one.span.start as usize..one.span.end as usize).is_some(), "{one:?}");
        if let Some(fix) = &one.fix {
            let mut fixed = text.clone().into_owned();
            fixed.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        }
    }
    for media in parsed.media() {
        let _ = (media.line(), media.port(), media.mid(), media.direction(), media.ice(), media.dtls());
        let _ = (media.candidates().count(), media.remote_candidates().count(), media.fingerprints().count());
        let _ = (media.ice_options().count(), media.end_of_candidates());
    }
    let _ = parsed.groups().map(|group| group.mids.count()).sum::<usize>();
    icelens::predict::offer::chromium(&parsed);
    icelens::predict::offer::firefox(&parsed);
}

/// A candidate: written and read again it is the same.
pub(crate) fn candidate(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    icelens::predict::candidate::chromium(&text);
    icelens::predict::candidate::firefox(&text);
    let parsed = candidate::lint(&text);
    for one in parsed.diagnostics.as_slice() {
        assert!(text.get(one.span.start as usize..one.span.end as usize).is_some(), "{one:?}");
    }
    let Some(one) = parsed.candidate() else { return };
    assert_eq!(one.priority_parts().join(), one.priority);
    // An empty value is written as two spaces, which are read as one.
    if one.extensions().any(|(_, value)| value.is_empty()) {
        return;
    }
    let line = one.to_string();
    let again = candidate::parse(&line);
    assert_eq!(again.candidate().map(ToString::to_string), Some(line));
}

/// Two lists of candidate lines around an empty line: every pair is accounted for once.
pub(crate) fn check_list(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (local, remote) = text.split_once("\n\n").unwrap_or((&text, ""));
    let read = |lines: &str| {
        let parsed: Vec<_> = lines.lines().filter_map(|line| candidate::parse(line).candidate().copied()).collect();
        ice::candidates(&parsed)
    };
    let (local, remote) = (read(local), read(remote));
    let list = ice::form_check_list(&local, &remote, Role::Controlling, 10);
    let seen = local.len().min(ice::MAX_CANDIDATES) * remote.len().min(ice::MAX_CANDIDATES);
    assert_eq!(list.pairs.len() + list.pruned.len() + list.excluded.len(), seen);
    assert!(list.pairs.len() <= 10 && list.pairs.is_sorted_by(|a, b| a.priority >= b.priority));
}
