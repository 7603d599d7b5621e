//! Named formulas of `[define]`, which stand for their formula in brackets wherever an expression uses the name.

use std::cell::Cell;

use super::lexer::Local;
use super::lower::{Lowering, Value};
use super::parser::parse;
use super::{LONGEST, Place};
use crate::diagnostic::Diagnostic;
use crate::read::source::Span;

/// A named formula.
#[derive(Debug)]
pub struct Formula {
    /// Name.
    pub name: String,
    /// Text of the formula.
    pub text: String,
    /// Position of the text.
    pub place: Place,
    /// Position of the name.
    pub name_span: Span,
    /// Whether an error in the formula has been reported. Every further use would repeat it.
    pub failed: Cell<bool>,
}

/// Maximum number of uses of named formulas in one expression, which limits formulas that use each other many times.
const MOST_USES: usize = 1000;

impl<'r> Lowering<'_, 'r> {
    /// Index of the named formula with this name.
    pub(super) fn formula(&self, name: &str) -> Option<usize> {
        self.names.formulas.iter().position(|formula| formula.name == name)
    }

    /// Compiles a named formula in the scope of the expression that uses it.
    pub(super) fn named(&mut self, index: usize, at: Local) -> Option<Value> {
        let formula = &self.names.formulas[index];
        if formula.failed.get() {
            self.report.reported_elsewhere();
            return None;
        }
        if self.within.contains(&index) {
            return self.circular(index, at);
        }
        self.uses.set(self.uses.get() + 1);
        if self.uses.get() > MOST_USES || formula.text.len() > LONGEST {
            return self.too_long(index, at);
        }
        let within: Vec<usize> = self.within.iter().copied().chain([index]).collect();
        let mut report = self.report.of_named(&formula.text, &formula.place, at);
        let tree = parse(&formula.text, &mut report);
        let mut inner = Lowering {
            names: self.names,
            scope: self.scope,
            report: &mut report,
            within: &within,
            uses: self.uses,
        };
        let value = inner.node(&tree);
        if report.failed() {
            formula.failed.set(true);
            self.report.reported_elsewhere();
            return None;
        }
        value
    }

    fn circular<T>(&mut self, index: usize, at: Local) -> Option<T> {
        let first = self.within.iter().position(|&open| open == index).unwrap_or(0);
        let names: Vec<String> = self.within[first..]
            .iter()
            .chain([&index])
            .map(|&i| format!("`{}`", self.names.formulas[i].name))
            .collect();
        let name = &self.names.formulas[index].name;
        let title = format!("the formula `{name}` depends on itself");
        let help = match &names[..] {
            [_, _] => format!("rewrite `{name}` under [define], so that it does not use its own name"),
            [one, other, _] => {
                format!("rewrite {one} or {other} under [define], so that it does not use the other")
            }
            _ => {
                "rewrite one of these formulas under [define], so that it does not use the others".to_owned()
            }
        };
        self.error("E0303", title, at, format!("leads back to `{name}`"), |d| {
            d.note(format!("the circular reference: {}", names.join(" → ")))
                .why("the value could not be calculated")
                .help(help)
        })
    }

    fn too_long<T>(&mut self, index: usize, at: Local) -> Option<T> {
        let name = &self.names.formulas[index].name;
        let title = match self.names.formulas[index].text.len() > LONGEST {
            true => format!("the formula `{name}` has more than {LONGEST} characters"),
            false => format!("an expression uses named formulas more than {MOST_USES} times"),
        };
        self.error("E0315", title, at, "too long", |d| {
            d.why("so long a formula is probably a mistake, and every evaluation would take long")
                .help("write a shorter formula under [define]")
        })
    }

    /// Message about a name that is both a named formula and something else; `other` describes the other meaning.
    pub(super) fn formula_and(&self, index: usize, other: &str, at: Local) -> Diagnostic {
        let formula = &self.names.formulas[index];
        Diagnostic::error("E0319", format!("`{}` has two meanings", formula.name))
            .at(self.report.span(at), format!("the name of a formula, and also {other}"))
            .also(formula.name_span, "the formula")
            .why("the result depends on which of the two is used")
            .help(format!("rename the formula under [define], for example `{}_formula`", formula.name))
    }
}
