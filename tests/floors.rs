//! The modules are floors: each imports only from those before it in the map of `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the map.
fn floors() -> Vec<String> {
    let crate_docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rows = crate_docs.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once('`'));
    rows.map(|(module, _)| module.to_owned()).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => rust_files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The modules that a file names by `crate::`, and those in its braces, as `use crate::{ice, nat};` has them. Unit tests
/// and comments don't count.
fn imports(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or(source);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for after in lines.flat_map(|line| line.split("crate::").skip(1)) {
        let names = match after.strip_prefix('{') {
            Some(list) => list.split(',').collect(),
            None => vec![after],
        };
        let end = |name: &str| name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        found.extend(names.into_iter().map(str::trim).map(|name| &name[..end(name)]));
    }
    found
}

#[test]
fn every_module_is_on_the_map() {
    let floors = floors();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(name == "lib" || floors.contains(&name), "src/{name} is not in the map of src/lib.rs");
    }
}

#[test]
fn a_module_uses_only_floors_before_its_own() {
    let floors = floors();
    let height = |module: &str| floors.iter().position(|floor| floor == module);
    let mut files = Vec::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    rust_files(&src, &mut files);
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for file in &files {
        let place = file.strip_prefix(&src).unwrap();
        let module = place.iter().next().unwrap().to_str().unwrap();
        let Some(own) = height(module) else { continue };
        for import in imports(&fs::read_to_string(file).unwrap()) {
            seen += 1;
            let above = height(import).is_none_or(|floor| floor > own);
            if above {
                wrong.push(format!("{}: crate::{import} is not below {module}", place.display()));
            }
        }
    }
    assert!(seen > 50, "only {seen} imports read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
