//! Messages about unknown names, with suggestions of what was probably meant.

use super::lexer::Local;
use super::lower::Lowering;
use super::parser::Word;
use super::{functions, resolve};
use crate::diagnostic::{Diagnostic, Part, suggest};

/// A list of names as part of a sentence; long lists are shortened.
pub(super) fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match names.len() {
        0 => "none".into(),
        n if n > SHOWN => format!("{} and {} more", shown.join(", "), n - SHOWN),
        _ => shown.join(", "),
    }
}

/// Message about an unknown name.
pub(super) fn name(name: &str, at: Local, l: &Lowering) -> Diagnostic {
    let (title, label, why) = match other_meaning(name, l) {
        Some((noun, label, _)) => (
            format!("{noun} `{name}` cannot be used as a number"),
            label,
            "a formula calculates with numbers, and this name alone has no value",
        ),
        None => match longer_names(name, l).first() {
            Some(longer) => (
                format!("`{name}` is only the first part of the name of a parameter"),
                format!("there are longer names, such as `{longer}`"),
                "several parameters can have names with the same first part, so a formula must say which is meant",
            ),
            None => (
                format!("`{name}` is unknown"),
                "no parameter or attribute has this name".to_owned(),
                "an unknown name is never read as 0, because that would silently remove a risk or a cost",
            ),
        },
    };
    let help = another_use(name, l)
        .or_else(|| near(name, l))
        .unwrap_or_else(|| {
            format!("correct the spelling; or, if this is a new parameter, add a row with the name `{name}` to the parameter table")
        });
    Diagnostic::error("E0302", title)
        .echo_of(Part::Parameters)
        .echo_of(Part::Attributes)
        .at(l.report.span(at), label)
        .why(why)
        .help(help)
}

/// Help text if the name exists but must be used in another way, or is nearly in the form of a name that exists.
fn another_use(name: &str, l: &Lowering) -> Option<String> {
    if let Some((_, _, help)) = other_meaning(name, l) {
        return Some(help);
    }
    let lettered = name.trim_start_matches(|c: char| c.is_ascii_digit());
    if lettered.len() < name.len() && !lettered.is_empty() {
        let number = &name[..name.len() - lettered.len()];
        return Some(match l.names.parameters.contains_key(lettered) {
            true => format!("names cannot start with a digit; to multiply, write `{number} * {lettered}`"),
            false => format!(
                "names cannot start with a digit: correct the name; or, to multiply, write `{number} * x` with the name of a parameter in place of x"
            ),
        });
    }
    chosen_by(name, l)
}

/// Noun, label and help text if the name is that of a category, state, group, table or function.
fn other_meaning(name: &str, l: &Lowering) -> Option<(&'static str, String, String)> {
    let of_attribute = l.names.attributes.iter().find(|a| a.categories().iter().any(|c| c == name));
    if let Some(attribute) = of_attribute {
        return Some((
            "category",
            format!("a category of attribute `{}`", attribute.name),
            format!(
                "`{name}` is a category: for a condition write `{0} == {name}`; for a number write `if({0} == {name}, 1, 0)` with your two values",
                attribute.name
            ),
        ));
    }
    if l.names.states.iter().any(|s| s.name == name) {
        return Some((
            "state",
            "a state of the model".to_owned(),
            format!(
                "`{name}` is a state: write `state == {name}` for the condition that the patient is in it, `if(state == {name}, 1, 0)` for a number, or `time_in({name})` for the years since the patient entered it"
            ),
        ));
    }
    if l.names.groups.iter().any(|g| g.name == name) {
        return Some((
            "group",
            "a group of states".to_owned(),
            format!(
                "`{name}` is a group of states: write `state in {name}` for the condition that the patient is in one of them, `if(state in {name}, 1, 0)` for a number, or `time_in({name})` for the years since the patient entered the group"
            ),
        ));
    }
    if l.names.tables.iter().any(|table| table.name == name) {
        return Some((
            "table",
            "a table under [tables]".to_owned(),
            format!(
                "`{name}` is a table: write `lookup({name}, age)`, or `lookup({name}, time)` for a table by time"
            ),
        ));
    }
    if functions::is_function(name) {
        return Some((
            "function",
            "a function without its brackets".to_owned(),
            format!(
                "`{name}` is a function: write `{name}(...)` with its numbers or formulas in the brackets"
            ),
        ));
    }
    None
}

/// Help text if `rate.x` is not a parameter but `rate.x.a` and `rate.x.b` are, because the choice in square brackets
/// is missing.
fn chosen_by(name: &str, l: &Lowering) -> Option<String> {
    let longer = longer_names(name, l);
    if longer.is_empty() {
        return None;
    }
    let suffix_known = |case: &String| longer.contains(&format!("{name}.{case}"));
    let attribute = l.names.attributes.iter().find(|a| {
        let cases = a.categories();
        !cases.is_empty() && cases.iter().all(suffix_known)
    });
    let selector = match attribute {
        Some(attribute) => Some(attribute.name.as_str()),
        None => l.names.states.iter().any(|s| suffix_known(&s.name)).then_some("state"),
    };
    Some(match selector {
        Some(selector) => {
            format!(
                "write `{name}[{selector}]` for the parameter that belongs to the `{selector}` of the patient"
            )
        }
        None => match &longer[..] {
            [one] => format!("write the whole name: `{one}`"),
            _ => format!("write the whole name of one of these parameters: {}", list(&longer)),
        },
    })
}

/// The names of parameters that consist of this name, a point and more text, sorted.
fn longer_names(name: &str, l: &Lowering) -> Vec<String> {
    let prefix = format!("{name}.");
    let mut longer: Vec<String> =
        l.names.parameters.keys().filter(|p| p.starts_with(&prefix)).cloned().collect();
    longer.sort();
    longer
}

/// Help text with the most similar of all names that a formula could use.
fn near(name: &str, l: &Lowering) -> Option<String> {
    let parameters = l.names.parameters.keys().map(String::as_str);
    let attributes = l.names.attributes.iter().map(|a| a.name.as_str());
    let formulas = l.names.formulas.iter().map(|f| f.name.as_str());
    let words: Vec<&str> = resolve::words().chain(l.names.age.map(|_| resolve::AGE)).collect();
    if let Some(found) = suggest(name, parameters.chain(attributes).chain(formulas).chain(words)) {
        return Some(format!("did you mean `{found}`?"));
    }
    if let Some(found) = suggest(name, functions::names()) {
        return Some(format!("did you mean the function `{found}(..)`?"));
    }
    let cases = l.names.attributes.iter().flat_map(|a| a.categories()).map(String::as_str);
    let states = l.names.groups.iter().map(|g| g.name.as_str());
    let found = suggest(name, cases.chain(states))?.to_owned();
    Some(
        another_use(&found, l)
            .map_or(format!("did you mean `{found}`?"), |use_| format!("did you mean `{found}`? {use_}")),
    )
}

/// Message about a word in square brackets that cannot choose between parameters.
pub(super) fn selector(base: &str, word: Word, known: bool, l: &Lowering) -> Diagnostic {
    let text = word.text;
    let literal = format!("{base}.{text}");
    let selectors: Vec<&str> = l
        .names
        .attributes
        .iter()
        .filter(|a| !a.categories().is_empty())
        .map(|a| a.name.as_str())
        .chain(["state"])
        .collect();
    let title = match known {
        true => format!("`{text}` is a number and cannot choose between parameters"),
        false => format!("`{text}` is not an attribute"),
    };
    let help = if l.names.parameters.contains_key(&literal) {
        let owner = l.names.attributes.iter().find(|a| a.categories().iter().any(|c| c == text));
        match owner {
            Some(attribute) => format!(
                "write `{base}[{}]` for the parameter of each patient's category, or `{literal}` for this parameter in all patients",
                attribute.name
            ),
            None => format!("write `{literal}` to use this parameter for all patients"),
        }
    } else if let Some(found) = suggest(text, selectors.iter().copied()) {
        format!("did you mean `{base}[{found}]`?")
    } else {
        let names: Vec<String> = selectors.iter().map(|s| (*s).to_owned()).collect();
        let condition = match known {
            true => format!(
                "; or, for a value that depends on `{text}`, write a condition, such as `if({text} < 65, a, b)` with your own limit and two parameters in place of a and b"
            ),
            false => String::new(),
        };
        format!("write one of these between the square brackets: {}{condition}", list(&names))
    };
    Diagnostic::error("E0302", title)
        .echo_of(Part::Parameters)
        .echo_of(Part::Attributes)
        .at(l.report.span(word.at), "expected a categorical attribute or `state`")
        .why("the word in square brackets chooses the parameter for each patient, by a category or by the state")
        .help(help)
}

/// Message about a choice for which parameters are missing.
pub(super) fn cases(base: Word, by: &[Word], missing: &[String], present: usize, l: &Lowering) -> Diagnostic {
    let by: Vec<&str> = by.iter().map(|w| w.text).collect();
    let text = format!("{}[{}]", base.text, by.join(", "));
    let (noun, is, rows) = match missing {
        [one] => ("parameter", "is", format!("a row with the name `{one}`")),
        _ => ("parameters", "are", "rows with these names".to_owned()),
    };
    let all = present + missing.len();
    let found = match present {
        0 => "none is in the table".to_owned(),
        1 => format!("only 1 of {all} is in the table"),
        n => format!("only {n} of {all} are in the table"),
    };
    let each = by.iter().map(|word| match *word {
        "state" => "state".to_owned(),
        attribute => format!("category of `{attribute}`"),
    });
    let each = each.collect::<Vec<_>>().join(" and each ");
    let label = format!("needs one parameter for each {each}, but {found}");
    let d = Diagnostic::error(
        "E0307",
        format!("`{text}` needs {noun} {}, which {is} not in the parameter table", list(missing)),
    )
    .echo_of(Part::Parameters)
    .echo_of(Part::Attributes)
    .at(l.report.span(base.at), label)
    .why("a missing value is never read as 0, because some patients would then silently have no risk or no cost");
    if present > 0 {
        return d.help(format!("add {rows} to the parameter table"));
    }
    if l.names.parameters.contains_key(base.text) {
        return d.help(format!(
            "if `{0}` is the same for all patients, write `{0}` instead of `{text}`; if it differs, replace its row in the parameter table by the rows {1}",
            base.text,
            list(missing)
        ));
    }
    // The part of the name before the last point may be misspelt, so it is compared with that part of all parameters.
    let stems = l.names.parameters.keys().filter_map(|p| p.rsplit_once('.')).map(|(stem, _)| stem);
    match suggest(base.text, stems) {
        Some(stem) => d.help(format!("did you mean `{stem}[{}]`?", by.join(", "))),
        None => d.help(format!("add {rows} to the parameter table")),
    }
}
