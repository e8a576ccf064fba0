fn main() {
    let mut counts = std::collections::BTreeMap::new();
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let sdp = icelens::sdp::parse(&text);
        for d in sdp.diagnostics().as_slice() {
            *counts.entry(d.code.name()).or_insert(0) += 1;
            if std::env::var_os("V").is_some() {
                println!("{path}:{}: {} {:?}", d.line, d.code.name(), d.span.slice(&text));
            }
        }
    }
    for (k, v) in counts {
        println!("{v:5} {k}");
    }
}
