//! The tests of what the crate exports, as one program: `cargo test --test all NAME` runs those of the file NAME. Those that
//! look at a whole process are programs of their own, in `Cargo.toml`.

mod browser_evidence;
mod candidate_vectors;
mod common;
mod decisions_table;
mod diagnostics_page;
mod floors;
mod ice_agent;
mod ice_check_list;
mod ice_check_list_model;
mod nat_inference;
mod nat_peculiar;
mod nat_procedures;
mod nat_simulated;
mod nat_traversal;
mod peers_page;
mod predict_measured;
mod scan_capture;
mod scan_field;
mod scan_fuzz;
mod scan_layouts;
mod scan_network;
mod scan_odd_captures;
mod scan_text;
mod sdp_browsers;
mod sdp_failures;
mod sdp_fixes;
mod sdp_fuzz;
mod sdp_lossless;
mod sim_evidence;
mod sim_hostile;
mod sim_matrix;
mod sim_nat;
mod sim_own;
mod sim_population;
mod sim_same_bytes;
mod sim_scenarios;
mod sim_speed;
mod sim_stories;
mod stun_fuzz;
mod stun_properties;
mod stun_registry;
mod stun_server;
mod stun_values;
mod stun_vectors;
mod turn_client;
mod turn_fuzz;
mod turn_server;

use std::fs;
use std::path::Path;

/// A file that is no module of this program and no program of its own would be left out without a word.
#[test]
fn every_file_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(root.join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let has_code = path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").exists();
        if !has_code {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_module = include_str!("all.rs").contains(&format!("\nmod {name};\n"));
        assert!(is_module || manifest.contains(&format!("\nname = \"{name}\"\n")), "tests/{name} is not run");
        seen += 1;
    }
    assert!(seen > 40, "only {seen} files seen");
}
