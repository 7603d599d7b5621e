//! Splits the text of an expression into tokens with byte positions.
//!
//! A character that is not part of the language is reported. If its meaning is obvious (`=` for `==`, `&&` for
//! `and`), it is read with this meaning, so that the parser can continue and find other errors.

use super::report::Report;

/// A range of bytes within the text of the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Local {
    /// The range from the start of this one to the end of `other`.
    pub(super) fn to(self, other: Local) -> Local {
        Local { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Kind of a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A number, with a percent sign already applied.
    Number(f64),
    /// A dotted name, or a word that starts with a digit (a category such as `3a`).
    Name(&'t str),
    /// A word in quotation marks: a category that is not a plain name.
    Quoted(&'t str),
    /// An operator, keyword, bracket or comma, in its standard spelling.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// Symbols in standard spelling, longest first.
const SYMBOLS: [&str; 17] =
    ["==", "!=", "<=", ">=", "+", "-", "*", "/", "^", "<", ">", "(", ")", "[", "]", ",", "%"];

/// Keywords that are operators.
pub(super) const KEYWORDS: [&str; 4] = ["and", "or", "not", "in"];

/// Spellings from other languages and keyboards, longest first, each with the standard spelling.
const FOREIGN: [(&str, &str); 18] = [
    ("**", "^"),
    ("&&", "and"),
    ("||", "or"),
    ("<>", "!="),
    ("=<", "<="),
    ("=>", ">="),
    ("=", "=="),
    ("&", "and"),
    ("|", "or"),
    ("!", "not"),
    ("\u{d7}", "*"),
    ("\u{b7}", "*"),
    ("\u{f7}", "/"),
    ("\u{2212}", "-"),
    ("\u{2013}", "-"),
    ("\u{2264}", "<="),
    ("\u{2265}", ">="),
    ("\u{2260}", "!="),
];

/// Splits `text` into tokens; the last one is [`Token::End`].
pub(super) fn tokens<'t>(text: &'t str, report: &mut Report) -> Vec<(Token<'t>, Local)> {
    let mut list: Vec<(Token, Local)> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = next(rest, at, report);
        let place = Local { start: at, end: at + length };
        at += length;
        match (token, list.last_mut()) {
            // A number with a percent sign is one token, as in `80 %`. The sign is not an operator, so it cannot be
            // confused with a remainder.
            (Some(Token::Symbol("%")), Some((Token::Number(x), before))) => {
                *x /= 100.0;
                before.end = place.end;
            }
            (Some(Token::Symbol("%")), _) => report.syntax(
                "E0301",
                "`%` means percent, and needs digits before it",
                place,
                "no digits before this sign",
                "for a percentage, write digits before the sign, as in `80 %`; if a parameter is in percent, write % into its column `unit` instead; formulas cannot calculate the remainder of a division",
            ),
            (Some(token), _) => list.push((token, place)),
            (None, _) => {}
        }
    }
    list.push((Token::End, Local { start: text.len(), end: text.len() }));
    list
}

/// The token at the start of `rest` and its length; no token at the end or for a character that is skipped.
fn next<'t>(rest: &'t str, at: usize, report: &mut Report) -> (Option<Token<'t>>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    let second_is_digit = rest[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
    if first.is_ascii_digit() || (first == '.' && second_is_digit) {
        return number_or_word(rest);
    }
    if first.is_alphabetic() || first == '_' {
        let word = &rest[..name_length(rest)];
        let keyword = KEYWORDS.iter().find(|k| **k == word);
        return (Some(keyword.map_or(Token::Name(word), |k| Token::Symbol(k))), word.len());
    }
    if first == '"' || first == '\'' {
        return quoted(rest, first, at, report);
    }
    // Foreign spellings of two characters are tried first, because `=<` must not be read as `=`.
    let foreign = FOREIGN.iter().find(|(theirs, _)| rest.starts_with(theirs));
    let ours = SYMBOLS.iter().find(|s| rest.starts_with(**s));
    match (foreign, ours) {
        (Some((theirs, _)), Some(ours)) if ours.len() >= theirs.len() => {
            (Some(Token::Symbol(ours)), ours.len())
        }
        (Some((theirs, ours)), _) => {
            report.syntax(
                "E0301",
                format!("`{theirs}` is not an operator of formulas"),
                Local { start: at, end: at + theirs.len() },
                format!("should be `{ours}`"),
                format!("replace `{theirs}` with `{ours}`"),
            );
            (Some(Token::Symbol(ours)), theirs.len())
        }
        (None, Some(ours)) => (Some(Token::Symbol(ours)), ours.len()),
        (None, None) => {
            report.syntax(
                "E0301",
                format!("the character `{}` has no meaning in a formula", first.escape_debug()),
                Local { start: at, end: at + first.len_utf8() },
                "not recognised",
                "remove this character; the operators are `+ - * / ^ < <= > >= == != and or not in`, and a comma separates arguments",
            );
            (None, first.len_utf8())
        }
    }
}

/// Length of the dotted name at the start of `text`; a dot is part of the name only if another part follows.
fn name_length(text: &str) -> usize {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut length = 0;
    let mut previous_dot = false;
    for (at, c) in text.char_indices() {
        match c {
            '.' if !previous_dot && at > 0 => previous_dot = true,
            c if part(c) => {
                previous_dot = false;
                length = at + c.len_utf8();
            }
            _ => break,
        }
    }
    length
}

/// A number such as `5`, `.5`, `1_000` or `1e-3`; digits directly followed by letters are a word.
fn number_or_word(rest: &str) -> (Option<Token<'_>>, usize) {
    let bytes = rest.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            at += 1;
        }
        at
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    let runs_on = rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    match rest[..end].replace('_', "").parse() {
        Ok(value) if !runs_on => (Some(Token::Number(value)), end),
        _ => {
            let length = name_length(rest).max(end);
            (Some(Token::Name(&rest[..length])), length)
        }
    }
}

/// A word in quotation marks.
fn quoted<'t>(rest: &'t str, quote: char, at: usize, report: &mut Report) -> (Option<Token<'t>>, usize) {
    match rest[1..].find(quote) {
        Some(length) => (Some(Token::Quoted(&rest[1..1 + length])), length + 2),
        None => {
            report.syntax(
                "E0301",
                "a quotation mark is not closed",
                Local { start: at, end: at + 1 },
                "opened here",
                "add the closing quotation mark; most names of categories and states need none: `sex == female`",
            );
            (None, 1)
        }
    }
}
