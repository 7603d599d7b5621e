//! Output of commands: folders of tables, figures and texts, and tables on the console. A folder is written
//! completely or not at all, with the same bytes on any machine for the same results. Each command has a submodule
//! that converts its results to a [`report::Report`].

mod amounts;
pub mod bundle;
mod columns;
pub mod compared;
mod dictionary;
pub mod diff;
pub mod dsa;
mod folder;
mod hashes;
mod prices;
pub mod psa;
mod readme;
mod record;
pub mod recorded;
pub mod report;
pub mod run;
mod scenario;
mod strategies;
mod survival_axes;
mod temporary;
pub mod verify;

pub use amounts::{amount, decimals_for, error, places, singular, years};
pub use figures::table::Table;
pub use folder::{FileError, MARK, Partial, contents, gone, refuse_foreign, resolved, sweep};
pub use readme::README;
pub use record::{INPUTS, Originals, Record, formats, of_another, relative};
pub use report::{Report, WriteError, write_report};
pub use run::{outcome_name, quantity};
pub use scenario::{endless_horizon, parameter, summary};
pub use temporary::Temporary;

pub use arcosim_figures as figures;

/// Escapes a text for Markdown, so that no label is rendered as an HTML tag, a link, an image or code.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let opens = |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        if matches!(c, '\\' | '[' | ']' | '`') || c == '<' && rest.peek().is_some_and(opens) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

/// The fields of a JSON object; empty for any other JSON value.
fn object(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match value {
        serde_json::Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

fn json_bytes(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("JSON without exotic keys");
    bytes.push(b'\n');
    bytes
}
