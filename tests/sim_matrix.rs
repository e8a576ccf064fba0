//! The 81 cells, each a run of two agents, beside the forecast of the traversal tables.

use icelens::nat::{Behaviour, FilterScope, Side, predict_traversal};
use icelens::sim::{MatrixOptions, NatChoice, Outcome, Preset, traversal_matrix};

fn behaviours() -> Vec<(Behaviour, Behaviour)> {
    let all = Behaviour::ALL.into_iter().flat_map(|mapping| Behaviour::ALL.map(|filtering| (mapping, filtering)));
    all.collect()
}

#[test]
fn the_81_cells_are_as_forecast_in_both_filter_scopes() {
    for scope in [FilterScope::Mapping, FilterScope::Endpoint] {
        let name = if scope == FilterScope::Mapping { "mapping" } else { "endpoint" };
        let options = MatrixOptions { filter_scope: Some(name.into()), seed: 1, ..MatrixOptions::default() };
        let matrix = traversal_matrix(&options).unwrap();
        let mut wrong = Vec::new();
        for (row, a) in behaviours().into_iter().enumerate() {
            for (column, b) in behaviours().into_iter().enumerate() {
                let forecast = predict_traversal(Side::new(a.0, a.1), Side::new(b.0, b.1), scope);
                let result = &matrix.cells[row][column];
                if (result.outcome == Outcome::Direct) != forecast.direct {
                    let kinds = (&matrix.kinds[row], &matrix.kinds[column]);
                    wrong.push(format!("{name} {kinds:?}: {:?}, forecast {}", result, forecast.why));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn with_a_relay_every_cell_connects() {
    let options = MatrixOptions { relay: true, seed: 2, ..MatrixOptions::default() };
    let matrix = traversal_matrix(&options).unwrap();
    for (row, cells) in matrix.cells.iter().enumerate() {
        for (column, result) in cells.iter().enumerate() {
            let kinds = (&matrix.kinds[row], &matrix.kinds[column]);
            assert_ne!(result.outcome, Outcome::Failed, "{kinds:?}: {}", result.why());
        }
    }
}

/// The pool of a carrier is not the same addresses twice.
#[test]
fn two_behind_the_same_preset_call_each_other() {
    for preset in Preset::ALL {
        let kinds = vec![NatChoice { preset: Some(preset.name().into()), ..NatChoice::default() }];
        let options = MatrixOptions { kinds, relay: true, ..MatrixOptions::default() };
        let matrix = traversal_matrix(&options).unwrap_or_else(|error| panic!("{}: {error}", preset.name()));
        let blocks = matches!(preset, Preset::UdpBlocked | Preset::Hotel);
        assert_eq!(matrix.cells[0][0].outcome == Outcome::Failed, blocks, "{}", preset.name());
    }
}
