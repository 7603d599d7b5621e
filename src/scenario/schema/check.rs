//! Checks a scenario's tree against the declared keys: unknown and missing keys, wrong types, and words that are not
//! allowed. The compiler can rely on the types of a tree that passes.

use super::keys::{outcome, scenario, state};
use super::{Key, Section, Shape, is_among, names};
use crate::diagnostic::{Diagnostic, Diagnostics, Part, suggest};
use crate::parameters::parse_duration_years;
use crate::read::document::{TomlNode, TomlTable, TomlValue};
use crate::read::source::Span;
use arcosim_core::words::{all_of, capital, either};

/// Checks a table against its section. `called` is its name in messages, and `place` the position for missing keys.
/// `complete` is false if part of the table may be missing because a file could not be read.
pub fn check(
    table: &TomlTable,
    section: &Section,
    called: &str,
    place: Span,
    complete: bool,
    out: &mut Diagnostics,
) {
    for (name, node) in &table.entries {
        match (section.key(name), section.others) {
            (Some(key), _) => check_value(node, &key.shape, name, out),
            (None, Some(shape)) if shape.fits(node) => check_value(node, shape, name, out),
            // If a header could not be read, the keys below it seem to belong to the previous section, so unknown keys
            // are not reported.
            _ if !complete => {}
            _ => out.push(unknown_key(name, node, section, called)),
        }
    }
    let required = section.keys.iter().filter(|key| key.required && table.get(**key).is_none());
    for key in required.filter(|_| complete) {
        out.push(missing(key, section, called, place));
    }
    check_alternatives(table, section, called, place, out);
}

/// The message about a missing key.
pub fn missing(key: &Key, section: &Section, called: &str, place: Span) -> Diagnostic {
    let discount = key.name == outcome::DISCOUNT.name;
    let problem =
        Diagnostic::error("E0402", format!("{called} has no `{}`", key.name))
            .at(place, match section.title.split_once(' ') {
                Some(("a" | "an", noun)) => format!("every {noun} needs `{}`", key.name),
                _ => format!("`{}` is required here", key.name),
            })
            .help(match discount {
                true => "add discount = { rate = \"3.5 %\", at = \"start\" } with your rate per year, where `at` is the moment of a cycle at which amounts are discounted; or, if this outcome is not discounted, discount = \"none\"".to_string(),
                false => to_add(key),
            })
            .echo_of(Part::Files);
    match discount {
        true => problem.why("no rate is assumed, because guidelines differ and the totals depend on it"),
        false => problem,
    }
}

/// Help text for a missing key: with the example from the description of the key, or else with dots.
fn to_add(key: &Key) -> String {
    let about = continued(key.about);
    let example = about
        .split_once(", such as \"")
        .and_then(|(what, example)| Some((what, example.strip_suffix('"')?)))
        .filter(|(_, example)| !example.contains('"') && matches!(key.shape, Shape::Text));
    match example {
        Some((what, example)) => format!("add `{} = \"{example}\"` with your own {what}", key.name),
        None if about.contains([':', ';']) => format!("add `{} = {}` ({about})", key.name, blank(&key.shape)),
        None => format!("add `{} = {}`, and in place of the dots the {about}", key.name, blank(&key.shape)),
    }
}

/// A value of this shape in an example, to be filled in.
fn blank(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::Term | Shape::Name | Shape::Duration | Shape::DurationOr(_) | Shape::Word(_) => {
            "\"...\""
        }
        Shape::List(_) => "[...]",
        _ => "...",
    }
}

/// The description of a key as the end of a sentence: with a small first letter, and without the full stop.
fn continued(about: &str) -> String {
    let text = match about.ends_with("...") {
        true => about,
        false => about.trim_end_matches('.'),
    };
    let mut letters = text.chars();
    match letters.next() {
        // An abbreviation, such as CSV, keeps its capitals.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_string(),
    }
}

fn check_alternatives(
    table: &TomlTable,
    section: &Section,
    called: &str,
    place: Span,
    out: &mut Diagnostics,
) {
    let given: Vec<&(String, TomlNode)> =
        table.entries.iter().filter(|(name, _)| is_among(section.one_of, name)).collect();
    match given[..] {
        [] if !section.one_of.is_empty() && section.others.is_none() => out.push(
            match &names(section.one_of)[..] {
                [one, other] => {
                    Diagnostic::error("E0402", format!("{called} has neither `{one}` nor `{other}`"))
                        .at(place, "one of the two keys is required")
                }
                _ if section.title == "a transition" => {
                    Diagnostic::error("E0402", format!("{called} does not state how often it happens"))
                        .at(place, "a rate or another hazard is missing")
                        .why("without a hazard, no patient would ever make this transition")
                }
                all => Diagnostic::error("E0402", format!("{called} has none of the keys {}", all_of(all)))
                    .at(place, "one of these keys is required"),
            }
            .help(one_of_help(section))
            .echo_of(Part::Files),
        ),
        [(first, one), (second, other), ..] => out.push(
            Diagnostic::error("E0427", format!("{called} has both `{first}` and `{second}`"))
                .at(other.key_span, "second of two alternatives")
                .also(one.key_span, "first of two alternatives")
                .why("the results would depend on which of the two is used")
                .help(format!("keep either `{first}` or `{second}`, and remove the other")),
        ),
        _ => {}
    }
}

/// Advice on which of the exclusive keys to add.
fn one_of_help(section: &Section) -> String {
    let all = names(section.one_of);
    match section.title {
        "a reward" => "add per_year = \"cost.x\" for an amount per year that patients spend in a state, or once = \"cost.x\" for an amount that is counted once, such as the cost of an event, with your parameter in place of `cost.x`".into(),
        "a transition" => {
            let known = ["rate", "probability", "table"];
            let distributions: Vec<&str> = all.into_iter().filter(|key| !known.contains(key)).collect();
            format!(
                "add for example rate = 0.1 for 0.1 events per person-year; instead of `rate` you can use `probability` (per cycle), `table` (a life table), or a distribution of the time to the event: {}",
                either(&distributions)
            )
        }
        _ => format!("add exactly one of {}", either(&all)),
    }
}

fn check_value(node: &TomlNode, shape: &Shape, name: &str, out: &mut Diagnostics) {
    if !shape.fits(node) {
        out.push(wrong_type(node, shape, name));
        return;
    }
    match shape {
        Shape::Any(shapes) => match shapes.iter().find(|one| one.fits(node)) {
            Some(Shape::Word(words)) if words.len() == 1 => {
                let mut possible = format!("write {}", wanted(shape));
                // A rate without its table, such as discount = "3 %".
                let rate = node.text().filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
                if let Some(text) = rate.filter(|_| possible.contains("rate = \"3.5 %\"")) {
                    possible = format!(
                        "write {name} = {{ rate = \"{text}\", at = \"start\" }}, where `at` is the moment of a cycle at which \
                         amounts are discounted; or, for no discounting, {name} = \"none\""
                    );
                }
                check_choice(node, words, &possible, name, out);
            }
            Some(one) => check_value(node, one, name, out),
            None => {}
        },
        Shape::List(shape) => {
            for item in node.items() {
                match (shape, item.table()) {
                    // Items of a list have no names, so messages say "an effect" instead of "effect `effects`".
                    (Shape::Table(section), Some(table)) => {
                        check(table, section, section.title, item.span, true, out)
                    }
                    _ => check_value(item, shape, name, out),
                }
            }
        }
        Shape::Table(section) => {
            let called = if section.title.starts_with('[') {
                section.title.to_string()
            } else {
                format!("{} `{name}`", section.title.trim_start_matches("an ").trim_start_matches("a "))
            };
            let table = node.table().expect("fits a table");
            check(table, section, &called, node.key_span, true, out);
        }
        Shape::Named(shape) => {
            for (name, node) in &node.table().expect("fits a table").entries {
                check_value(node, shape, name, out);
            }
        }
        _ => check_word(node, shape, name, out),
    }
}

/// Checks a single value whose type is already known to be correct.
fn check_word(node: &TomlNode, shape: &Shape, name: &str, out: &mut Diagnostics) {
    match shape {
        Shape::Text | Shape::Term => {
            let text = node.text().unwrap_or_default();
            if let Some(c) = text.chars().find(|&c| unprintable(c)) {
                let (what, help) = match c {
                    '\n' | '\r' => ("a line break".to_string(), "write a space instead of the line break"),
                    '\t' => ("a tab".to_string(), "write a space instead of the tab"),
                    _ => (format!("the invisible character U+{:04X}", c as u32), "delete this character"),
                };
                out.push(
                    Diagnostic::error(
                        "E0424",
                        format!("`{name}` contains a character that cannot be displayed"),
                    )
                    .at(node.span, format!("contains {what}"))
                    .why("the character would corrupt tables and figures")
                    .help(help),
                );
            }
        }
        Shape::DurationOr(word) if node.text().is_some_and(|text| text.trim() == *word) => {}
        Shape::Duration | Shape::DurationOr(_) => {
            let text = node.text().unwrap_or_default();
            if parse_duration_years(text).is_none_or(|years| years.is_nan() || years < 0.0) {
                let title = match text.trim() {
                    "" => format!("`{name}` is empty, but must be a length of time"),
                    _ => format!("`{text}` is not a length of time"),
                };
                let help = match text.trim().parse::<f64>() {
                    Ok(_) => format!("add the unit: \"{text} years\" or \"{text} months\""),
                    Err(_) => {
                        let or = match shape {
                            Shape::DurationOr(word) => format!("; or \"{word}\""),
                            _ => String::new(),
                        };
                        format!("write for example \"6 months\", \"1 year\", \"2 weeks\" or \"90 days\"{or}")
                    }
                };
                out.push(
                    Diagnostic::error("E0209", title)
                        .at(node.span, "expected a number and a unit")
                        .help(help),
                );
            }
        }
        Shape::Word(words) => {
            check_choice(node, words, &format!("write {}", quoted(words)), name, out);
        }
        Shape::Number | Shape::Numbers(_) | Shape::Expression | Shape::Share => {
            let numbers = std::iter::once(node).chain(node.items());
            for bad in numbers.filter(|n| n.number().is_some_and(|x| !x.is_finite())) {
                let title = match node.number() {
                    Some(_) => format!("the value of `{name}` is not a finite number"),
                    None => format!("`{name}` contains a value that is not a finite number"),
                };
                let undefined = bad.number().is_some_and(f64::is_nan);
                out.push(
                    Diagnostic::error("E0424", title)
                        .at(bad.span, if undefined { "not a number" } else { "infinite" })
                        .help("write an ordinary number, such as 0.5; `inf` and `nan` are not allowed"),
                );
            }
        }
        Shape::Count if !matches!(node.value, TomlValue::Integer(Some(i)) if i >= 0) => {
            let (fault, limit, help) = match node.value {
                TomlValue::Integer(Some(_)) => (
                    "is negative",
                    "must be a whole number of 0 or more",
                    "remove the minus sign, or write a different whole number",
                ),
                _ => (
                    "has too many digits",
                    "at most 9,223,372,036,854,775,807 is possible",
                    "write a smaller whole number, such as 10_000",
                ),
            };
            out.push(Diagnostic::error("E0424", format!("`{name}` {fault}")).at(node.span, limit).help(help));
        }
        _ => {}
    }
}

/// Checks that a word is one of the allowed words, which `possible` lists for the message.
fn check_choice(node: &TomlNode, words: &[&str], possible: &str, name: &str, out: &mut Diagnostics) {
    let text = node.text().unwrap_or_default();
    if words.contains(&text) {
        return;
    }
    let near = suggest(text, words.iter().copied()).map(|word| format!("did you mean \"{word}\"? If not, "));
    out.push(
        Diagnostic::error("E0424", format!("`{name}` cannot be \"{text}\""))
            .at(node.span, "not one of the possible values")
            .help(format!("{}{possible}", near.unwrap_or_default())),
    );
}

/// Whether a character cannot be shown safely in tables, figures and terminals: control characters, characters that
/// reverse the direction of text, and U+FFFE and U+FFFF, which are not allowed in XML figures.
pub fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Words as alternatives, in quotation marks as in a scenario.
fn quoted(words: &[&str]) -> String {
    either(words).replace('`', "\"")
}

/// Description of the expected value in messages.
fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Term => "text in quotation marks".into(),
        Shape::Name => "a name in quotation marks".into(),
        Shape::Number => "a number".into(),
        Shape::Count => "a whole number".into(),
        Shape::Flag => "true or false".into(),
        Shape::Duration => "a length of time such as \"6 months\"".into(),
        Shape::DurationOr(word) => format!("a length of time such as \"6 months\", or \"{word}\""),
        Shape::Expression => "a formula in quotation marks, or a number".into(),
        Shape::Share => "a share (a formula in quotation marks, a number, or \"rest\")".into(),
        Shape::Word(words) => quoted(words),
        Shape::List(Shape::Table(section)) => {
            let one = section.title.trim_start_matches("an ").trim_start_matches("a ");
            format!("a list of settings in braces, one {{ ... }} for each {one}")
        }
        Shape::List(Shape::Name) => "a list of names in square brackets".into(),
        Shape::List(_) => "a list in square brackets".into(),
        Shape::Numbers(n) => format!("a list of {n} numbers in square brackets"),
        Shape::Table(section) => {
            let keys: Vec<String> = section.keys.iter().map(|key| format!("{} = ...", key.name)).collect();
            let required = section.keys.iter().filter(|key| key.required);
            let needed: String = required.map(|key| format!("{} = ..., ", key.name)).collect();
            match &keys[..] {
                _ if section.title == "a discount" => {
                    "a rate in braces, such as { rate = \"3.5 %\", at = \"start\" }".into()
                }
                [_, _, _, _, _, ..] if !needed.is_empty() => {
                    format!("settings in braces, such as {{ {needed}... }}")
                }
                _ if labelled(section) => "settings in braces, such as { label = \"...\" }".into(),
                [] | [_, _, _, _, _, ..] => format!("settings in braces with the keys of {}", section.title),
                _ => format!("settings in braces, such as {{ {} }}", keys.join(", ")),
            }
        }
        Shape::Named(Shape::Table(section)) => {
            let one = section.title.trim_start_matches("an ").trim_start_matches("a ");
            format!("a section with one entry for each {one}")
        }
        Shape::Named(_) => "a section of names and values".into(),
        Shape::Any(shapes) => shapes.iter().map(wanted).collect::<Vec<_>>().join(", or "),
    }
}

/// Whether a label alone is a complete declaration, so that it can be the example in a message.
fn labelled(section: &Section) -> bool {
    matches!(section.title, "a state" | "a strategy")
}

/// The noun of a section, such as "state" for "a state".
fn without_article(title: &str) -> &str {
    title.split_once(' ').map_or(title, |(_, noun)| noun)
}

fn wrong_type(node: &TomlNode, shape: &Shape, name: &str) -> Diagnostic {
    let found = node.found();
    let help = match &node.value {
        TomlValue::Table(table) if !shape.takes_tables() => {
            let dotted = dotted(name, table);
            let wanted = wanted(shape);
            match table.entries.is_empty() {
                true => format!("write {wanted}"),
                false => format!(
                    "for a single name with dots, write \"{dotted}\" = ... in quotation marks; to set `{name}` itself, write {name} = and after it {wanted}"
                ),
            }
        }
        TomlValue::Table(_) if matches!(shape, Shape::List(_)) => {
            let one = match shape {
                Shape::List(Shape::Table(section)) => {
                    section.title.trim_start_matches("an ").trim_start_matches("a ")
                }
                _ => "entry",
            };
            // A table in braces is written after its key; the key of a header is part of the header.
            match node.key_span.end <= node.span.start {
                true => format!(
                    "write square brackets around the braces, {name} = [{{ ... }}], because `{name}` is a list, with one pair of braces for each {one}"
                ),
                false => format!(
                    "write [[...]] instead of [...] in this header, because `{name}` is a list, with one such header for each {one}"
                ),
            }
        }
        TomlValue::List(items)
            if shape.takes_tables()
                && !items.is_empty()
                && items.iter().all(|item| item.table().is_some()) =>
        {
            format!(
                "write [...] instead of [[...]] in this header, because `{name}` is a single section, not a list"
            )
        }
        TomlValue::Text(text) if matches!(shape, Shape::Table(section) if labelled(section)) => {
            let label = if text.contains(|c: char| c.is_control() || "\"\\".contains(c)) {
                "..."
            } else {
                text.as_str()
            };
            format!("write a label in braces: {name} = {{ label = \"{label}\" }}")
        }
        TomlValue::Text(text) if matches!(shape, Shape::Number | Shape::Count) => {
            let (fits, example) = match shape {
                Shape::Count => (text.parse::<u32>().is_ok(), "1000"),
                _ => (text.parse::<f64>().is_ok_and(f64::is_finite), "0.5"),
            };
            match fits {
                true => format!("write {text} without quotation marks"),
                false => format!("write {} without quotation marks, such as {example}", wanted(shape)),
            }
        }
        TomlValue::Text(_) if matches!(shape, Shape::Flag) => {
            format!("write {name} = true or {name} = false, without quotation marks")
        }
        _ if matches!(shape, Shape::Table(section) if labelled(section)) => {
            format!("write {name} = {{}}, or with a label {name} = {{ label = \"{}\" }}", capital(name))
        }
        _ => {
            let help = format!("write {}", wanted(shape));
            // A discount rate without its braces, such as discount = 0.03.
            match node.number().filter(|rate| (0.0..1.0).contains(rate)) {
                Some(rate) if help.contains("{ rate = \"3.5 %\", at = \"start\" }") => format!(
                    "write {name} = {{ rate = {rate}, at = \"start\" }}, where `at` is the moment of a cycle at which amounts are discounted{}",
                    if rate == 0.0 { "; or, for no discounting, \"none\"" } else { "" }
                ),
                _ => help,
            }
        }
    };
    let (title, label, help) = match (shape, node.number()) {
        (Shape::Duration | Shape::DurationOr(_), Some(number)) => (
            format!("`{name}` has no unit of time"),
            "a number without a unit".to_string(),
            format!("write the number and its unit in quotation marks, such as {name} = \"{number} months\""),
        ),
        (Shape::Table(section), _) if labelled(section) => (
            format!(
                "the settings of {} `{name}` must be in braces, not {found}",
                without_article(section.title)
            ),
            format!("read as {found}"),
            help,
        ),
        _ => (format!("`{name}` cannot be {found}"), format!("read as {found}"), help),
    };
    let problem = Diagnostic::error("E0403", title).at(node.span, label).help(help);
    match &node.value {
        TomlValue::Table(table) if !shape.takes_tables() && !table.entries.is_empty() => {
            let dotted = dotted(name, table);
            problem.note(format!(
                "without quotation marks, a dot divides a name: `{dotted}` is then read as an entry of a section `{name}`"
            ))
        }
        _ => problem,
    }
}

/// The complete name if TOML has split a name with dots into tables, because quotation marks are missing, as in
/// `rate.relapse = 1`.
fn dotted(name: &str, table: &TomlTable) -> String {
    match &table.entries[..] {
        [(first, node), ..] => match node.table() {
            Some(inner) => dotted(&format!("{name}.{first}"), inner),
            None => format!("{name}.{first}"),
        },
        [] => name.to_string(),
    }
}

/// Amounts that some programs take as settings of a state, but that are rewards here.
const OF_REWARDS: [&str; 5] = ["cost", "utility", "disutility", "qaly", "reward"];

fn unknown_key(name: &str, node: &TomlNode, section: &Section, called: &str) -> Diagnostic {
    let keys = names(section.keys);
    let known = format!("{called} can have the keys {}", all_of(&keys));
    let known = if section.others.is_some() {
        format!("{known}; any other key is a category with its share")
    } else {
        known
    };
    let problem = Diagnostic::error("E0401", format!("`{name}` is not a key of {called}"))
        .at(node.key_span, "unknown key")
        .why("an unknown key would be ignored, although you may expect it to have an effect on the results");
    match suggest(name, keys.iter().copied()) {
        None if section.title != scenario::SECTION.title && scenario::SECTION.key(name).is_some() => {
            problem.note(known).help(format!(
                "`{name}` is a key of the whole scenario: move it above the first line in square brackets"
            ))
        }
        Some(near) => problem.help(format!("did you mean `{near}`?")).note(known),
        None if section.title == state::SECTION.title && suggest(name, OF_REWARDS.into_iter()).is_some() => {
            problem.note(known).help(
                "a cost or utility of a state is a reward: delete this line, and add a section such as [rewards.x] with the keys `outcome` (the name of an outcome), `per_year` (the amount) and `in` (this state)",
            )
        }
        None => problem.help("correct the key, or delete this line").note(known),
    }
}
