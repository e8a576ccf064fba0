//! docs/peers.md and docs/ice-rules.md: every test that they name exists.
use std::fs;
use std::path::Path;

fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// The last cell of each row of a page's tables whose head has `last` there.
fn last_cells(page: &str, last: &str) -> Vec<String> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page)).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let cell = |row: &str| row.trim_end_matches(" |").rsplit("| ").next().unwrap().to_owned();
    rows.map(cell).filter(|cell| cell != last).collect()
}

/// Every name in backticks is a test, and each cell has one.
fn name_tests(cells: &[String]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    sources(&root.join("tests"), &mut code);
    sources(&root.join("src"), &mut code);
    for cell in cells {
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test in {cell}");
        for name in names {
            let found =
                code.split("#[test]\n").skip(1).any(|test| test.trim_start().starts_with(&format!("fn {name}()")));
            assert!(found, "no test is called {name}");
        }
    }
}

#[test]
fn every_defect_names_a_test_that_exists() {
    let cells = last_cells("peers.md", "test");
    assert!(cells.len() > 30, "the page has {} rows", cells.len());
    name_tests(&cells);
}

#[test]
fn every_rule_names_a_test_that_exists() {
    let cells = last_cells("ice-rules.md", "tests");
    assert_eq!(cells.len(), 56);
    name_tests(&cells);
}
