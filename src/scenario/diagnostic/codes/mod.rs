//! Registry of diagnostic codes, which `arcosim explain CODE` prints. The meaning of a code never changes.

use arcosim_core::words::wrap;

mod expressions;
mod files;
mod parameters;
mod structure;
mod warnings;

/// A diagnostic code with its explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable code such as `E0204`.
    pub code: &'static str,
    /// Title in one line.
    pub title: &'static str,
    /// Explanation of the error and of its consequences for the results.
    pub explanation: &'static str,
    /// Example that raises the code.
    pub wrong: &'static str,
    /// Corrected example.
    pub right: &'static str,
}

const COUNT: usize = files::CODES.len()
    + parameters::CODES.len()
    + expressions::CODES.len()
    + structure::CODES.len()
    + warnings::CODES.len();

static ALL: [Code; COUNT] = gathered();

const fn gathered() -> [Code; COUNT] {
    let groups: [&[Code]; 5] =
        [files::CODES, parameters::CODES, expressions::CODES, structure::CODES, warnings::CODES];
    let mut all = [files::CODES[0]; COUNT];
    let (mut group, mut next) = (0, 0);
    while group < groups.len() {
        let mut i = 0;
        while i < groups[group].len() {
            all[next] = groups[group][i];
            next += 1;
            i += 1;
        }
        group += 1;
    }
    all
}

/// All codes in ascending order.
pub fn all() -> &'static [Code] {
    &ALL
}

/// Explanation of a code as plain text; upper and lower case do not matter. `None` for an unknown code.
pub fn explain(code: &str) -> Option<String> {
    let code = code.trim();
    let found = ALL.iter().find(|entry| entry.code.eq_ignore_ascii_case(code))?;
    let severity = if found.code.starts_with('W') { "warning" } else { "error" };
    Some(format!(
        "{severity}[{}]: {}\n\n{}\n\nWrong:\n\n{}\n\nRight:\n\n{}\n",
        found.code,
        found.title,
        wrap(found.explanation, 88),
        indented(found.wrong),
        indented(found.right)
    ))
}

fn indented(example: &str) -> String {
    example.lines().map(|line| format!("    {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_sorted_and_complete() {
        for pair in all().windows(2) {
            assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
        }
        for entry in all() {
            assert_eq!(entry.code.len(), 5);
            assert!(!entry.title.ends_with('.'), "{}", entry.code);
            assert!(entry.explanation.len() > 120, "{} explains too little", entry.code);
            assert!(!entry.wrong.is_empty() && entry.wrong != entry.right, "{}", entry.code);
        }
    }

    #[test]
    fn explains_a_code_in_any_case() {
        insta::assert_snapshot!(explain("e0204").unwrap());
        assert_eq!(explain("E9999"), None);
    }

    /// Every code in the source has an entry, so that `explain` knows every code that a message shows.
    #[test]
    fn every_code_in_the_source_is_registered() {
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for code in text.split('"').filter(|piece| is_code(piece)) {
                        assert!(explain(code).is_some(), "{code} in {} is not registered", path.display());
                    }
                }
            }
        }
    }

    fn is_code(text: &str) -> bool {
        text.len() == 5
            && text.starts_with(['E', 'W'])
            && text[1..].bytes().all(|b| b.is_ascii_digit())
            && text != "E9999"
    }
}
