//! Pratt parser: builds a syntax tree in which every node has its position in the text.
//!
//! After an error the parser continues as far as possible ([`NodeKind::Bad`] keeps the parts that were understood), so that
//! other errors are found in the same run.

use super::lexer::{Local, Token, tokens};
use super::report::Report;
use arcosim_core::model::Binary;

/// Maximum depth of brackets, which prevents a stack overflow and is far above the depth that people can read.
const DEEPEST: usize = 100;

/// Maximum number of tokens, because a chain such as `1 + 1 + ..` makes a deep tree without brackets.
const MOST_TOKENS: usize = 1000;

/// A node of the syntax tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node<'t> {
    pub(super) kind: NodeKind<'t>,
    pub(super) at: Local,
}

/// A word with its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) at: Local,
}

/// Kind of a node, with its parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NodeKind<'t> {
    Number(f64),
    /// A length of time such as `5 years`, in years.
    Duration(f64),
    Name(&'t str),
    Quoted(&'t str),
    /// A parameter chosen by selectors: `name[selector, ...]`.
    Index(Word<'t>, Vec<Word<'t>>),
    Negate(Box<Node<'t>>),
    Not(Box<Node<'t>>),
    Binary(Binary, Box<[Node<'t>; 2]>),
    /// A membership test `subject in members`; the flag is set for `not in`.
    In(Box<Node<'t>>, Vec<Word<'t>>, bool),
    Call(Word<'t>, Vec<Node<'t>>),
    /// Text with an error that has been reported; contains the parts that were understood.
    Bad(Vec<Node<'t>>),
}

/// Binding powers of comparisons, `not` and a leading minus sign: an operator takes operands that bind more tightly
/// than its right binding power.
const IN_POWER: u8 = 7;
const NOT_POWER: u8 = 5;
const NEGATE_POWER: u8 = 13;

fn is_comparison(operator: Binary) -> bool {
    use Binary::*;
    matches!(operator, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
}

fn binary(symbol: &str) -> Option<(Binary, u8, u8)> {
    Some(match symbol {
        "or" => (Binary::Or, 1, 2),
        "and" => (Binary::And, 3, 4),
        "==" => (Binary::Equal, IN_POWER, IN_POWER + 1),
        "!=" => (Binary::NotEqual, IN_POWER, IN_POWER + 1),
        "<" => (Binary::Less, IN_POWER, IN_POWER + 1),
        "<=" => (Binary::LessEqual, IN_POWER, IN_POWER + 1),
        ">" => (Binary::Greater, IN_POWER, IN_POWER + 1),
        ">=" => (Binary::GreaterEqual, IN_POWER, IN_POWER + 1),
        "+" => (Binary::Add, 9, 10),
        "-" => (Binary::Subtract, 9, 10),
        "*" => (Binary::Multiply, 11, 12),
        "/" => (Binary::Divide, 11, 12),
        // Right-associative, and binds more tightly than a leading minus sign: -x^2 is -(x^2).
        "^" => (Binary::Power, 16, 15),
        _ => return None,
    })
}

/// Parses an expression into its syntax tree.
pub(super) fn parse<'t>(text: &'t str, report: &mut Report) -> Node<'t> {
    let list = tokens(text, report);
    if list.len() > MOST_TOKENS + 1 {
        let title =
            format!("the formula has {} parts, but at most {MOST_TOKENS} are allowed", list.len() - 1);
        let at = Local { start: 0, end: text.len() };
        report.syntax(
            "E0315",
            title,
            at,
            "too long",
            "split it into several parameters, transitions or effects",
        );
        return Node { kind: NodeKind::Bad(vec![]), at };
    }
    if list.len() == 1 {
        let at = Local { start: 0, end: text.len() };
        if !report.failed() {
            report.syntax(
                "E0301",
                "the formula is empty",
                at,
                "no number or formula here",
                "write a number or a formula, such as \"0.5\" or \"2 * rate.relapse\"",
            );
        }
        return Node { kind: NodeKind::Bad(vec![]), at };
    }
    let mut parser = Parser { text, list, next: 0, depth: 0, too_deep: false };
    let mut tree = parser.expression(0, report);
    while parser.peek() != Token::End && !parser.too_deep {
        // `expression` stops early only at a closing bracket or a comma.
        let before = report.slice(parser.previous());
        let (token, at) = parser.take();
        let after = (parser.peek(), report.slice(parser.place()));
        report.syntax(
            "E0301",
            format!("`{}` cannot be used here", symbol_text(token)),
            at,
            match token {
                Token::Symbol(",") => {
                    "a comma may only separate the arguments of a function or the items of a list"
                }
                _ => "no matching opening bracket",
            },
            stray_help(token, before, after),
        );
        if parser.peek() != Token::End {
            tree = join(tree, parser.expression(0, report));
        }
    }
    tree
}

fn symbol_text(token: Token<'_>) -> &str {
    if let Token::Symbol(s) = token { s } else { "" }
}

fn stray_help(token: Token, before: &str, (after, digits): (Token, &str)) -> String {
    let whole = [before, digits].iter().all(|text| text.bytes().all(|b| b.is_ascii_digit()));
    match (token, after) {
        (Token::Symbol(","), Token::Number(_)) if whole && digits.len() == 3 => format!(
            "write {before}{digits} if the comma separates thousands, or {before}.{digits} if it is a decimal comma"
        ),
        (Token::Symbol(","), Token::Number(_)) if whole => {
            format!("write decimal numbers with a point: {before}.{digits}")
        }
        (Token::Symbol(","), Token::Number(_)) => {
            "write decimal numbers with a point, such as 0.5, and thousands without a separator, such as 1000"
                .into()
        }
        (Token::Symbol(","), _) => {
            "remove the comma, or write brackets around the list, such as `sex in (female, male)`".into()
        }
        _ => "remove the bracket, or add the matching opening bracket".into(),
    }
}

/// Combines two parts without a valid operator into one node, so that both are checked.
fn join<'t>(left: Node<'t>, right: Node<'t>) -> Node<'t> {
    let at = left.at.to(right.at);
    Node { kind: NodeKind::Bad(vec![left, right]), at }
}

struct Parser<'t> {
    text: &'t str,
    list: Vec<(Token<'t>, Local)>,
    next: usize,
    depth: usize,
    too_deep: bool,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Token<'t> {
        self.list[self.next].0
    }

    fn place(&self) -> Local {
        self.list[self.next].1
    }

    /// Takes the next token; at the end, the end token is returned again.
    fn take(&mut self) -> (Token<'t>, Local) {
        let taken = self.list[self.next];
        self.next = (self.next + 1).min(self.list.len() - 1);
        taken
    }

    fn takes(&mut self, symbol: &str) -> Option<Local> {
        matches!(self.peek(), Token::Symbol(s) if s == symbol).then(|| self.take().1)
    }

    /// Parses an expression whose operators bind more tightly than `least`.
    fn expression(&mut self, least: u8, report: &mut Report) -> Node<'t> {
        self.depth += 1;
        let tree = if self.depth > DEEPEST {
            self.give_up(report)
        } else {
            let first = self.operand(report);
            self.operators(first, least, report)
        };
        self.depth -= 1;
        tree
    }

    /// Parses a number, name, call or bracketed expression, possibly with a leading `-` or `not`.
    fn operand(&mut self, report: &mut Report) -> Node<'t> {
        let (token, at) = (self.peek(), self.place());
        let kind = match token {
            Token::Number(x) => return self.number(x),
            Token::Quoted(text) => NodeKind::Quoted(text),
            Token::Name(text) => return self.named(text, report),
            Token::Symbol("(") => return self.bracketed(report),
            Token::Symbol("-") => return self.behind(NEGATE_POWER, NodeKind::Negate, report),
            Token::Symbol("not") => return self.behind(NOT_POWER, NodeKind::Not, report),
            Token::Symbol("+") => {
                self.take();
                return self.expression(NEGATE_POWER, report);
            }
            Token::Symbol(_) | Token::End => return self.missing_operand(report),
        };
        self.take();
        Node { kind, at }
    }

    /// Parses a number, or a length of time if a unit follows.
    fn number(&mut self, value: f64) -> Node<'t> {
        let (_, at) = self.take();
        let years = match self.peek() {
            Token::Name("year" | "years") => value,
            Token::Name("month" | "months") => value / 12.0,
            Token::Name("week" | "weeks") => value / 52.0,
            Token::Name("day" | "days") => value / 365.25,
            _ => {
                return Node { kind: NodeKind::Number(value), at };
            }
        };
        let (_, unit) = self.take();
        Node { kind: NodeKind::Duration(years), at: at.to(unit) }
    }

    /// Parses the operand after a leading sign.
    fn behind(
        &mut self,
        power: u8,
        kind: fn(Box<Node<'t>>) -> NodeKind<'t>,
        report: &mut Report,
    ) -> Node<'t> {
        let (_, sign) = self.take();
        let inner = self.expression(power, report);
        let at = sign.to(inner.at);
        Node { kind: kind(Box::new(inner)), at }
    }

    /// Parses `( .. )`; the position of the node includes the brackets.
    fn bracketed(&mut self, report: &mut Report) -> Node<'t> {
        let (_, opened) = self.take();
        let inner = self.expression(0, report);
        self.close(")", opened, report);
        Node { at: opened.to(self.previous()), kind: inner.kind }
    }

    /// Parses a name, possibly followed by `(..)` or `[..]`.
    fn named(&mut self, text: &'t str, report: &mut Report) -> Node<'t> {
        let (_, at) = self.take();
        let word = Word { text, at };
        let opened = self.place();
        let kind = if self.takes("(").is_some() {
            NodeKind::Call(word, self.arguments(opened, report))
        } else if self.takes("[").is_some() {
            NodeKind::Index(word, self.words("]", opened, report))
        } else {
            NodeKind::Name(text)
        };
        Node { kind, at: at.to(self.previous()) }
    }

    fn arguments(&mut self, opened: Local, report: &mut Report) -> Vec<Node<'t>> {
        let mut list = vec![];
        if self.takes(")").is_some() {
            return list;
        }
        loop {
            list.push(self.expression(0, report));
            if self.takes(",").is_none() {
                self.close(")", opened, report);
                return list;
            }
        }
    }

    /// Reports an operator, a closing bracket or the end of the text in place of a number or name.
    fn missing_operand(&mut self, report: &mut Report) -> Node<'t> {
        let (token, at) = (self.peek(), self.place());
        let (found, help) = match token {
            Token::Symbol(symbol @ (")" | "]" | ",")) => {
                // A decimal comma, as in `min(0,5)`, may have been read as a separator.
                let comma =
                    self.text.as_bytes().windows(3).any(|three| {
                        three[0].is_ascii_digit() && three[1] == b',' && three[2].is_ascii_digit()
                    });
                let point = if comma { "; decimal numbers have a point, as in 0.5, not a comma" } else { "" };
                let before = if self.next > 0 { report.slice(self.previous()) } else { "" };
                let write = match before {
                    "" => format!("remove this `{symbol}`, or write a number or a name before it"),
                    "(" | "[" => format!("write a number or a name between `{before}` and `{symbol}`"),
                    _ => format!(
                        "write a number or a name between `{before}` and `{symbol}`, or remove this `{before}`"
                    ),
                };
                (format!("`{symbol}`"), format!("{write}{point}"))
            }
            Token::End => (
                "the end of the formula".to_owned(),
                match report.slice(self.previous()) {
                    "" => "write a number or a name".to_owned(),
                    // An opening bracket without its closing bracket must be closed in either case.
                    last if self.text.matches('(').count() > self.text.matches(')').count() => format!(
                        "write a number or a name after the last `{last}`, or remove this `{last}`; then close the open bracket with `)`"
                    ),
                    last => {
                        format!("write a number or a name after the last `{last}`, or remove this `{last}`")
                    }
                },
            ),
            _ => {
                let symbol = symbol_text(token);
                (format!("`{symbol}`"), format!("write a number, a name or a function before `{symbol}`"))
            }
        };
        let title = format!("a number or a name is missing before {found}");
        report.syntax("E0301", title, at, "expected a number or a name here", help);
        // An operator is skipped together with its operand. Brackets and commas are left to the function that parses
        // the brackets.
        let mut parts = vec![];
        if matches!(token, Token::Symbol(s) if binary(s).is_some() || s == "in" || s == "[") {
            self.take();
            parts.push(self.expression(NEGATE_POWER, report));
        }
        Node { kind: NodeKind::Bad(parts), at }
    }

    /// Position of the last token taken.
    fn previous(&self) -> Local {
        self.list[self.next.saturating_sub(1)].1
    }

    /// Skips the rest of the text, because further messages would only be consequences of the nesting.
    fn give_up(&mut self, report: &mut Report) -> Node<'t> {
        let at = self.place();
        if !self.too_deep {
            let help = match self.text.contains("if(") {
                true => {
                    "remove unnecessary brackets; instead of nested `if`s, choose a parameter by category, as in `utility[state]`"
                }
                false => "remove unnecessary brackets",
            };
            report.syntax(
                "E0315",
                format!("the formula has more than {DEEPEST} levels of brackets"),
                at,
                "one level too many",
                help,
            );
        }
        self.too_deep = true;
        self.next = self.list.len() - 1;
        Node { kind: NodeKind::Bad(vec![]), at }
    }

    fn operators(&mut self, first: Node<'t>, least: u8, report: &mut Report) -> Node<'t> {
        let mut left = first;
        loop {
            left = match self.peek() {
                Token::Symbol("in" | "not") if IN_POWER > least => match self.membership(left, report) {
                    Ok(tree) => tree,
                    Err(tree) => return tree,
                },
                Token::Symbol("in") => return left,
                Token::Symbol(symbol) => match binary(symbol) {
                    Some((operator, power, right_power)) if power > least => {
                        self.chained(&left, power, symbol, report);
                        self.take();
                        let right = self.expression(right_power, report);
                        let at = left.at.to(right.at);
                        Node { kind: NodeKind::Binary(operator, Box::new([left, right])), at }
                    }
                    None if matches!(symbol, "(" | "[") => self.missing_operator(left, report),
                    _ => return left,
                },
                Token::End => return left,
                Token::Number(_) | Token::Name(_) | Token::Quoted(_) => self.missing_operator(left, report),
            }
        }
    }

    /// Reports chained comparisons, because `0 < x < 5` would compare the result of the first comparison, 0 or 1,
    /// with 5.
    fn chained(&self, left: &Node, power: u8, symbol: &str, report: &mut Report) {
        let NodeKind::Binary(operator, parts) = &left.kind else {
            return;
        };
        let bracketed = left.at.start < parts[0].at.start;
        if power != IN_POWER || bracketed || !is_comparison(*operator) {
            return;
        }
        let middle = report.slice(parts[1].at);
        let limit = match &self.list[self.next..] {
            [_, (Token::Number(_), at), (Token::End, _)] => report.slice(*at),
            _ => "..",
        };
        report.syntax(
            "E0301",
            "two comparisons are chained without `and`",
            self.place(),
            "second comparison",
            format!("write two comparisons: `{} and {middle} {symbol} {limit}`", report.slice(left.at)),
        );
    }

    /// Reports two operands without an operator between them.
    fn missing_operator(&mut self, left: Node<'t>, report: &mut Report) -> Node<'t> {
        let at = self.place();
        let choices = match (&left.kind, &self.list[self.next..]) {
            (NodeKind::Index(name, by), [_, (Token::Name(second), _), ..]) => {
                let by: Vec<&str> = by.iter().map(|word| word.text).collect();
                let name = name.text;
                format!("write all choices into one pair of brackets: `{name}[{}, {second}]`", by.join(", "))
            }
            _ => "write all choices into one pair of brackets after the name: `rate[sex]` or `rate[sex, state]`"
                .to_owned(),
        };
        // The text between two numbers is empty, or a character that has been reported.
        let between = report.slice(Local { start: left.at.end, end: at.start });
        let joined = format!("{}{}", report.slice(left.at), report.slice(at));
        let numbers = if !between.is_empty() {
            format!("write an operator, such as `+` or `*`, in place of `{between}`")
        } else if joined.parse::<f64>().is_ok() {
            format!(
                "write an operator between the two numbers, such as `+` or `*`; or, if they are one number, write it without a space: `{joined}`"
            )
        } else {
            "write an operator between the two numbers, such as `+` or `*`".to_owned()
        };
        let (before, after) = (report.slice(self.previous()), report.slice(at));
        let missing = format!("an operator is missing between `{before}` and `{after}`");
        let product = match before.ends_with([')', ']']) {
            true => "write an operator between the two parts: `*` to multiply them, or another operator such as `+`, `-`, `/`, `<` or `and`".to_owned(),
            false => format!(
                "write an operator between them: `{before} * {}` to multiply, or another operator such as `+`, `-`, `/`, `<` or `and`",
                if after == "(" { "(...)" } else { after }
            ),
        };
        let (title, label, help) = match (self.peek(), &left.kind) {
            (Token::Symbol("["), _) => (
                "square brackets must directly follow the name of a parameter",
                "no name directly before this bracket",
                choices.as_str(),
            ),
            (Token::Number(_), NodeKind::Number(_)) => {
                (missing.as_str(), "no operator before this", numbers.as_str())
            }
            // A `%` without digits is not in the list of tokens.
            _ if between.ends_with('%') => (
                missing.as_str(),
                "no operator before this: `%` is not one",
                "write an operator such as `+`, `-`, `*` or `/` in place of `%`",
            ),
            _ => (missing.as_str(), "no operator before this", product.as_str()),
        };
        report.syntax("E0301", title, at, label, help);
        if self.peek() == Token::Symbol("[") {
            self.take();
            self.words("]", at, report);
            return Node { at: left.at, kind: NodeKind::Bad(vec![left]) };
        }
        let right = self.expression(NEGATE_POWER, report);
        join(left, right)
    }

    /// Parses `in ..` or `not in ..` after its subject; `Err` if `not` is used as an operator without `in`.
    fn membership(&mut self, subject: Node<'t>, report: &mut Report) -> Result<Node<'t>, Node<'t>> {
        let negated = self.takes("not");
        if self.takes("in").is_none() {
            let at = negated.unwrap_or(self.place());
            let help = "write `!=` for not equal, `not in (..)` for not in a list, or `and not` to join two conditions";
            report.syntax(
                "E0301",
                "`not` is not an operator between two values",
                at,
                "cannot be used here",
                help,
            );
            let right = self.expression(NOT_POWER, report);
            return Err(join(subject, right));
        }
        let opened = self.place();
        let members = match self.peek() {
            Token::Symbol("(") => {
                self.take();
                self.words(")", opened, report)
            }
            Token::Symbol("[") => {
                let inside = self.text.get(opened.end..).and_then(|rest| rest.split_once(']'));
                let help = match inside.map(|(list, _)| list.trim()).filter(|list| !list.is_empty()) {
                    Some(list) => {
                        let name = report.slice(subject.at);
                        let not = if negated.is_some() { "not " } else { "" };
                        format!("write the list in round brackets: `{name} {not}in ({list})`")
                    }
                    None => "write the list in round brackets, such as `sex in (female, male)`".to_owned(),
                };
                report.syntax(
                    "E0301",
                    "the list after `in` must be in round brackets",
                    opened,
                    "a square bracket",
                    help,
                );
                self.take();
                self.words("]", opened, report)
            }
            _ => self.word("a category, state or group", report).into_iter().collect(),
        };
        let at = subject.at.to(self.previous());
        Ok(Node { kind: NodeKind::In(Box::new(subject), members, negated.is_some()), at })
    }

    /// Parses words up to a closing bracket.
    fn words(&mut self, close: &'static str, opened: Local, report: &mut Report) -> Vec<Word<'t>> {
        let mut list = vec![];
        loop {
            list.extend(self.word("a name", report));
            if self.takes(",").is_some() {
                continue;
            }
            self.close(close, opened, report);
            return list;
        }
    }

    /// Parses one word: a name, a word in quotation marks, or a number used as a name.
    fn word(&mut self, wanted: &str, report: &mut Report) -> Option<Word<'t>> {
        let (token, at) = (self.peek(), self.place());
        let text = match token {
            Token::Name(text) | Token::Quoted(text) => text,
            // The name of a category may be a number, such as `2`.
            Token::Number(_) => &self.text[at.start..at.end],
            _ => {
                report.syntax(
                    "E0301",
                    format!("{wanted} is missing"),
                    at,
                    "expected here",
                    format!("write {wanted} here"),
                );
                return None;
            }
        };
        self.take();
        Some(Word { text, at })
    }

    /// Takes the closing bracket that belongs to the bracket at `opened`, or reports that it is missing.
    fn close(&mut self, close: &'static str, opened: Local, report: &mut Report) {
        if self.takes(close).is_some() || self.too_deep {
            return;
        }
        let label = "this bracket is not closed";
        // The text up to the end can be shown with its bracket if it is complete and has no other open bracket.
        let rest = self.text.get(opened.start..).unwrap_or_default().trim_end();
        let complete = self.peek() == Token::End
            && rest.len() <= 60
            && rest.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '%'))
            && rest.matches(['(', '[']).count() == rest.matches([')', ']']).count() + 1;
        let help = match complete {
            true => format!("write `{close}` where the part in brackets ends, such as `{rest}{close}`"),
            false => format!("write `{close}` where the part in brackets ends"),
        };
        report.syntax("E0301", format!("`{close}` is missing"), opened, label, help);
    }
}
