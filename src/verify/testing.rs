//! A correct scenario in which unit tests plant errors.

use std::sync::atomic::AtomicBool;

use crate::check::Check;
use crate::evidence::{Evidence, Need, gather};
use arcosim_core::engine::counts::Counts;
use arcosim_scenario::diagnostic::render;
use arcosim_scenario::{Scenario, load_text};

/// A small correct model with two strategies, a life table and a temporary state.
pub const MENDED: &str = include_str!("../../tests/scenarios/mended/scenario.toml");

/// Scenario from this text, with the parameters and the life table of [`MENDED`].
pub fn mended(text: &str) -> Scenario {
    let files = [
        ("scenario.toml", text),
        ("numbers.csv", include_str!("../../tests/scenarios/mended/numbers.csv")),
        ("life_table.csv", include_str!("../../tests/scenarios/mended/life_table.csv")),
    ];
    let loaded = load_text(&files, &[]);
    let message = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("{message}"))
}

/// Multiplies the base value of a parameter, so that results from before and after the change disagree.
pub fn multiply(evidence: &mut Evidence, name: &str, factor: f64) {
    let place = evidence.model.parameters.iter().position(|p| p.name == name);
    evidence.base[place.expect("it is there")] *= factor;
}

/// Calls `test` with evidence in which errors can be planted.
pub fn with_evidence(scenario: &Scenario, needs: &[Need], test: impl FnOnce(&mut Evidence)) {
    let stop = AtomicBool::new(false);
    test(&mut gather(scenario, true, &stop, needs).expect("nobody stops it"));
}

/// Subjects of a check's findings after an error has been planted in the counts.
pub fn findings_with(check: &Check, plant: impl FnOnce(&mut Counts)) -> Vec<String> {
    let mut subjects = Vec::new();
    with_evidence(&mended(MENDED), check.needs, |evidence| {
        assert!((check.run)(evidence).severity().is_none(), "{}", check.id);
        let mut counts = evidence.counts().clone();
        plant(&mut counts);
        evidence.results.counts = Some(counts);
        let findings = (check.run)(evidence).findings;
        subjects = findings.into_iter().map(|f| f.subject).collect();
    });
    subjects
}
