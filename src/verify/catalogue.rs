//! Catalogue of all checks, in the order of the report.

use std::sync::LazyLock;

use super::check::Check;
use super::{flow, inputs, monte_carlo, plausibility, results, uncertainty};

/// All checks.
pub fn all() -> &'static [&'static Check] {
    static ALL: LazyLock<Vec<&'static Check>> = LazyLock::new(|| {
        let groups = [
            inputs::checks(),
            flow::checks(),
            results::checks(),
            uncertainty::checks(),
            monte_carlo::checks(),
            plausibility::checks(),
        ];
        groups.into_iter().flatten().collect()
    });
    &ALL
}

/// The check with this id, ignoring case.
pub fn find(id: &str) -> Option<&'static Check> {
    all().iter().copied().find(|check| check.id.eq_ignore_ascii_case(id.trim()))
}

/// Description of a check as plain text, for `verify --explain`.
pub fn explain(id: &str) -> Option<String> {
    let check = find(id)?;
    Some(format!(
        "{}: {}\n\n{}\n\nIf it fails: {}\n\nGroup: {}. Required by: {}.{}\n",
        check.id,
        check.title,
        check.why,
        check.hint,
        check.group(),
        check.basis,
        if check.quick { " Included in quick verification." } else { "" }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GROUPS;

    #[test]
    fn checks_are_unique_sorted_and_told_in_words() {
        let place = |id: &str| {
            let group = GROUPS.iter().position(|(letter, _)| id.starts_with(*letter));
            (group.expect("a group"), id[1..].parse::<u32>().expect("a number"))
        };
        for pair in all().windows(2) {
            assert!(place(pair[0].id) < place(pair[1].id), "{} before {}", pair[0].id, pair[1].id);
        }
        for check in all() {
            assert!(!check.title.ends_with('.'), "{}", check.id);
            assert!(
                check.why.len() > 80 && check.why.ends_with('.'),
                "the explanation of {} is too short",
                check.id
            );
            assert!(
                check.hint.len() > 20 && check.hint.ends_with('.'),
                "the hint of {} is too short",
                check.id
            );
            assert!(!check.basis.is_empty(), "{}", check.id);
        }
    }
}
