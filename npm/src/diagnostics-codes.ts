/** Made by `tests/diagnostics_page.rs`: code and severity of what the parser itself reports. */
export const table = `cand.too-short|e
cand.one-line|e
cand.component|e
cand.priority|e
cand.port|e
cand.typ|e
sdp.not-a-line|e
sdp.too-many-lines|w`;
