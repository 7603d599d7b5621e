//! Division of a run's figures into pages of at most eight strategies, with the title and footer of each page.

use crate::analysis::run::RunAnswer;
use crate::model::Model;
use crate::output::figures::{FigureMeta, count};
use crate::output::hashes::hash_of_inputs;

/// Largest number of strategies that one figure can distinguish.
const MOST: usize = 8;

/// A page of a figure: its strategies, its page number and the number of pages.
pub struct Page {
    pub strategies: Vec<usize>,
    number: usize,
    of: usize,
}

impl Page {
    /// The page of a figure that has only one page.
    pub fn only(strategies: Vec<usize>) -> Page {
        Page { strategies, number: 1, of: 1 }
    }

    /// Name, title, footer and watermark of the page.
    pub fn meta(&self, run: &RunAnswer, name: String, title: String) -> FigureMeta {
        let hypothetical = self.strategies.iter().any(|&s| run.model().strategies[s].hypothetical);
        FigureMeta {
            name: match self.number {
                1 => name,
                // The page number follows a hyphen, which no name contains, so that it cannot clash with an endpoint such as `death_2`.
                number => format!("{name}-{number}"),
            },
            title: match self.of {
                1 => title,
                pages => format!("{title} ({} of {pages})", self.number),
            },
            footer: footer(run),
            watermark: hypothetical.then(|| "HYPOTHETICAL".to_string()),
        }
    }
}

/// The pages of a figure that shows all strategies.
pub fn pages(model: &Model) -> Vec<Page> {
    let all = drawn_strategies(model.strategies.len(), model.reference());
    let reference = all.iter().position(|&s| s == model.reference()).unwrap_or(0);
    let parts = parts(all.len(), reference);
    let of = parts.len();
    let parts = parts.into_iter().enumerate();
    let page = |(i, part): (usize, Vec<usize>)| Page {
        strategies: part.into_iter().map(|at| all[at]).collect(),
        number: i + 1,
        of,
    };
    parts.map(page).collect()
}

/// Largest number of strategies in figures, because thousands of strategies would be unreadable and slow to draw.
pub const MOST_DRAWN: usize = 100;

/// Indices of the strategies in figures, in scenario order: the first [`MOST_DRAWN`], always including the reference.
pub fn drawn_strategies(strategies: usize, reference: usize) -> Vec<usize> {
    let first = strategies.min(MOST_DRAWN);
    let mut drawn: Vec<usize> = (0..first).collect();
    if let Some(last) = drawn.last_mut().filter(|last| **last < reference) {
        *last = reference;
    }
    drawn
}

/// The strategies of each page: all on one page if possible; otherwise each page shows the reference and a part of the others.
fn parts(strategies: usize, reference: usize) -> Vec<Vec<usize>> {
    if strategies <= MOST {
        return vec![(0..strategies).collect()];
    }
    let others: Vec<usize> = (0..strategies).filter(|&s| s != reference).collect();
    let pages = others.len().div_ceil(MOST - 1);
    let pages = others.chunks(others.len().div_ceil(pages));
    pages.map(|page| [&[reference], page].concat()).collect()
}

fn footer(run: &RunAnswer) -> String {
    let options = run.options;
    let engine = match (options.engine.exact(), options.engine.simulates()) {
        (true, false) => "exact".to_string(),
        (exact, _) => format!(
            "{}{} patients \u{b7} seed {}",
            if exact { "exact + " } else { "" },
            count(run.patients().unwrap_or(0) as f64),
            options.seed
        ),
    };
    let hash = hash_of_inputs(&[run.scenario], run.overrides);
    format!("{} \u{b7} {engine} \u{b7} {}", run.scenario.name, &hash[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_ten_thousand_strategies_the_first_are_drawn_and_the_reference() {
        assert_eq!(drawn_strategies(3, 2), [0, 1, 2]);
        let many = drawn_strategies(10_000, 5_000);
        assert_eq!((many.len(), many[98], many[99]), (MOST_DRAWN, 98, 5_000));
        assert_eq!(drawn_strategies(10_000, 7)[99], 99);
    }

    #[test]
    fn the_reference_stands_on_every_page() {
        assert_eq!(parts(8, 3), [(0..8).collect::<Vec<_>>()]);
        assert_eq!(parts(9, 1), [vec![1, 0, 2, 3, 4], vec![1, 5, 6, 7, 8]]);
        let many = parts(30, 0);
        assert!(many.iter().all(|page| page[0] == 0 && page.len() <= MOST));
        assert_eq!(many.iter().map(|page| page.len() - 1).sum::<usize>(), 29);
    }
}
