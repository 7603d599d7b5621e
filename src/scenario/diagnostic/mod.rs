//! Messages about a scenario: what is wrong, its position, why it matters for the results, and how to correct it.

pub mod codes;

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use arcosim_core::words::{is_printable, printable, wrap};

use crate::read::source::{BYTE_ORDER_MARK, Sources, Span, line_breaks};

/// Severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An error, which prevents the run.
    Error,
    /// A warning, which does not prevent the run.
    Warning,
}

/// One message about a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `E0204`, which [`codes`] explains.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// Position that is underlined; `None` if the message has no position.
    pub span: Option<Span>,
    /// Text next to the underlined position.
    pub label: String,
    /// Other positions that belong to the message, each with its text.
    pub secondary: Vec<(Span, String)>,
    /// Why the problem matters for the results.
    pub why: Option<String>,
    /// How to correct the problem.
    pub help: Option<String>,
    /// Further notes.
    pub notes: Vec<String>,
    /// Parts of the scenario that, if unread, may have caused this message: see [`Diagnostic::echo_of`].
    pub echo_of: Vec<Part>,
}

/// Part of a scenario to which other parts refer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `[states]`.
    States,
    /// `[groups]`.
    Groups,
    /// `[transitions]`.
    Transitions,
    /// `[components]`.
    Components,
    /// `[strategies]`.
    Strategies,
    /// `[tables]`.
    Tables,
    /// `[matrices]`.
    Matrices,
    /// `[outcomes]`.
    Outcomes,
    /// `[population.attributes]`.
    Attributes,
    /// The parameter tables.
    Parameters,
    /// The scenario files as a whole: a line that is not valid TOML, or a missing base.
    Files,
}

impl Diagnostic {
    /// Creates an error, which prevents the run.
    pub fn error(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, title.into())
    }

    /// Creates a warning, which does not prevent the run.
    pub fn warning(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, title.into())
    }

    fn new(code: &'static str, severity: Severity, title: String) -> Self {
        let label = String::new();
        Self {
            code,
            severity,
            title,
            span: None,
            label,
            secondary: vec![],
            why: None,
            help: None,
            notes: vec![],
            echo_of: vec![],
        }
    }

    /// Sets the position, with the text next to the underlined part.
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.span = Some(span);
        self.label = label.into();
        self
    }

    /// Adds another position that belongs to the message.
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    /// Sets why the problem matters.
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Sets how to correct the problem.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Marks a message that may only be a consequence of a part that could not be read: a name looks undeclared or
    /// missing because its part could not be read. The message is left out if that part is unread.
    pub fn echo_of(mut self, part: Part) -> Self {
        self.echo_of.push(part);
        self
    }

    /// Adds a note.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// All messages of a run, collected so that the user sees them at once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Messages in the order in which they were found, until [`Diagnostics::sort`] is called.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Whether any error prevents the run.
    pub fn has_errors(&self) -> bool {
        self.counts().0 > 0
    }

    /// Number of errors and number of warnings.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.list.iter().filter(|d| d.severity == Severity::Error).count();
        (errors, self.list.len() - errors)
    }

    /// Removes messages that are only consequences of parts that could not be read.
    pub fn remove_echoes(&mut self, unread: &[Part]) {
        let echo = |d: &Diagnostic| d.echo_of.iter().any(|part| unread.contains(part));
        // The message about the cause always remains. If it did not, messages about consequences would be better than
        // none.
        if self.list.iter().any(|d| !echo(d)) {
            self.list.retain(|d| !echo(d));
        }
    }

    /// Sorts by file and position; messages without a position come first.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|d| d.span.map(|s| (s.file, s.start)));
    }
}

/// Formats the messages in the style of rustc, with their number at the end; empty if there are no messages.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(SNIPPET_WIDTH);
    let mut text = String::new();
    // Errors prevent the run, so they are shown before warnings if there are too many messages.
    let (errors, warnings) = diagnostics.counts();
    let errors_shown = errors.min(MOST_SHOWN);
    let warnings_shown = warnings.min(MOST_SHOWN - errors_shown);
    let mut room = [errors_shown, warnings_shown];
    for diagnostic in &diagnostics.list {
        let own = &mut room[usize::from(diagnostic.severity == Severity::Warning)];
        if *own > 0 {
            *own -= 1;
            text.push_str(&render_one(diagnostic, sources, &renderer));
            text.push_str("\n\n");
        }
    }
    let left = diagnostics.list.len() - errors_shown - warnings_shown;
    if left > 0 {
        text.push_str(&format!("... and {left} more, which are not shown\n\n"));
    }
    if !diagnostics.list.is_empty() {
        text.push_str(&closing_line(diagnostics));
        text.push('\n');
    }
    text
}

/// Maximum number of messages shown, because a single mistake, such as a file of another kind, can cause thousands.
const MOST_SHOWN: usize = 200;

/// Maximum width of a snippet around the position, because lines of a table are often longer than a screen.
const SNIPPET_WIDTH: usize = 120;
/// Width to which sentences are wrapped.
const TEXT_WIDTH: usize = 90;

fn closing_line(diagnostics: &Diagnostics) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let counted = match diagnostics.counts() {
        (errors, 0) => plural(errors, "error"),
        (0, warnings) => return plural(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    };
    format!("{counted} - nothing was run.")
}

fn render_one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(shortened(&diagnostic.title))
        .id(diagnostic.code)
        .elements(snippets(diagnostic, sources));
    if let Some(why) = &diagnostic.why {
        group = group.element(Level::NOTE.with_name("why it matters").message(sentence(why)));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(sentence(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(sentence(help)));
    }
    renderer.render(&[group])
}

/// Excerpts of the files to which the message points, one for each file, starting with the main position.
fn snippets<'a>(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Snippet<'a, Annotation<'a>>> {
    let main = diagnostic.span.map(|span| (span, diagnostic.label.as_str(), AnnotationKind::Primary));
    let others =
        diagnostic.secondary.iter().map(|(span, label)| (*span, label.as_str(), AnnotationKind::Context));
    let places: Vec<_> = main.into_iter().chain(others).collect();
    let mut files: Vec<usize> = places.iter().map(|(span, ..)| span.file).collect();
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(*file));
    files
        .into_iter()
        .map(|file| {
            let whole = &sources.files[file].text;
            let mut here: Vec<_> = places.iter().filter(|(span, ..)| span.file == file).collect();
            let main = here[0].0.start;
            here.retain(|(span, ..)| span.start.abs_diff(main) <= 20 * FAR);
            let first = here.iter().map(|(span, ..)| span.start).min().unwrap_or(0);
            let last = here.iter().map(|(span, ..)| span.end).max().unwrap_or(0);
            let last = boundary(whole, last.min(first + 40 * FAR));
            let excerpt = Excerpt::of(whole, first, last);
            let snippet = Snippet::source(excerpt.text.clone())
                .line_start(excerpt.first_line)
                .path(printable(&sources.files[file].path.display().to_string()));
            here.iter().fold(snippet, |snippet, (span, label, kind)| {
                let range = excerpt.place(span.start)..excerpt.place(span.end);
                let label = (!label.is_empty()).then(|| shortened(label));
                snippet.annotation(kind.span(range).label(label))
            })
        })
        .collect()
}

/// Maximum distance in bytes between a position and the text shown for it.
const FAR: usize = 50_000;

/// The character boundary at or before a byte.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Lines of a file that a message shows, with all characters made printable. A very long line is cut to the text around
/// the position, and columns are counted from the cut.
struct Excerpt {
    text: String,
    first_line: usize,
    /// Byte offset in the original text and in `text` of each character.
    offsets: Vec<(usize, usize)>,
}

impl Excerpt {
    fn of(whole: &str, first: usize, last: usize) -> Self {
        let start = whole[..first].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let end = whole[last..].find(['\n', '\r']).map_or(whole.len(), |at| last + at);
        let start = start.max(boundary(whole, first.saturating_sub(FAR)));
        let end = end.min(boundary(whole, last.saturating_add(FAR).min(whole.len())));
        let mut text = String::new();
        let mut offsets = Vec::new();
        let mut characters = whole[start..end].char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            offsets.push((start + at, text.len()));
            match c {
                '\n' => text.push('\n'),
                // A single CR also ends a line, in files of old Macintosh programs.
                '\r' if characters.peek().is_none_or(|&(_, next)| next != '\n') => text.push('\n'),
                '\r' | BYTE_ORDER_MARK => {}
                // A tab is shown as two spaces, because full tab stops would push the text off the screen.
                '\t' => text.push_str("  "),
                c if is_printable(c) => text.push(c),
                c => text.extend(c.escape_default()),
            }
        }
        offsets.push((end, text.len()));
        Self { text, first_line: line_breaks(&whole[..start]) + 1, offsets }
    }

    fn place(&self, original: usize) -> usize {
        let at = self.offsets.partition_point(|&(from, _)| from < original).min(self.offsets.len() - 1);
        self.offsets[at].1
    }
}

/// Maximum length of a message text in characters, because a quoted text may be a whole file.
const LONGEST: usize = 2_000;

/// A message text, shortened to the maximum length.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{} ...", printable(&text[..at])),
        None => printable(text),
    }
}

/// A sentence below the snippet: wrapped, with line ends kept and all other characters made printable.
fn sentence(text: &str) -> String {
    let text = match text.char_indices().nth(LONGEST) {
        Some((at, _)) => &text[..at],
        None => text,
    };
    text.lines().map(|line| wrap(&printable(line), TEXT_WIDTH)).collect::<Vec<_>>().join("\n")
}

/// The suggestion "did you mean": the candidate most similar to a misspelt name, if one is similar enough.
pub fn suggest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    let limit = match name.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// End of a sentence about an unknown name: "; did you mean `x`?", or empty if no candidate is similar enough.
pub fn did_you_mean<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    suggest(name, candidates).map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(sources: &Sources, file: usize, text: &str) -> Span {
        let start = sources.files[file].text.find(text).unwrap();
        Span { file, start, end: start + text.len() }
    }

    #[test]
    fn renders_like_rustc() {
        let mut sources = Sources::default();
        let file = sources.add("p.csv", "\u{feff}name;kind\r\nrate.x;hasard\r\n");
        let mut all = Diagnostics::default();
        all.push(
            Diagnostic::error("E0203", "`hasard` is not a kind of parameter")
                .at(place(&sources, file, "hasard"), "unknown kind")
                .also(place(&sources, file, "kind"), "the column")
                .why("the kind determines how formulas may use the number: for example, a cost is never added to a rate, and a hazard ratio multiplies a rate, never a probability")
                .help("write `rate` if the number is a hazard, in events per person-year"),
        );
        all.push(Diagnostic::warning("W0501", "a parameter is never used"));
        insta::assert_snapshot!(render(&all, &sources, false));
        assert_eq!(sources.line_column(all.list[0].span.unwrap()), (2, 8));
    }

    #[test]
    fn a_scenario_cannot_inject_terminal_codes() {
        let mut sources = Sources::default();
        let file = sources.add("a\u{1b}[31m.csv", "na\u{1b}]0;title\u{7}me\u{202e}\tx\u{9b}");
        let mut all = Diagnostics::default();
        let evil = "\u{1b}[2J\u{8}";
        let span = place(&sources, file, "x");
        all.push(
            Diagnostic::error("E0203", evil).at(span, evil).also(span, evil).why(evil).help(evil).note(evil),
        );
        let text = render(&all, &sources, false);
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn long_lines_are_trimmed_around_the_place() {
        let mut sources = Sources::default();
        let line = format!("{}HERE{}", "before, ".repeat(200), ", after".repeat(200));
        let file = sources.add("long.csv", format!("first\n{line}\nlast"));
        let mut all = Diagnostics::default();
        all.push(Diagnostic::error("E0205", "not a number").at(place(&sources, file, "HERE"), "this"));
        let text = render(&all, &sources, false);
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        assert!(text.contains("HERE"));
    }

    #[test]
    fn of_thousands_the_first_are_shown_and_errors_before_warnings() {
        let mut all = Diagnostics::default();
        (0..3 * MOST_SHOWN).for_each(|i| all.push(Diagnostic::warning("W0501", format!("warning {i}."))));
        let shown = render(&all, &Sources::default(), false);
        assert_eq!(shown.matches("warning[W0501]").count(), MOST_SHOWN);
        assert!(shown.contains("... and 400 more") && shown.contains("warning 0."), "{shown}");
        all.push(Diagnostic::error("E0101", "at last"));
        let shown = render(&all, &Sources::default(), false);
        assert!(shown.contains("at last") && shown.ends_with("nothing was run.\n"), "{shown}");
        assert_eq!(shown.matches("warning[W0501]").count(), MOST_SHOWN - 1);
    }

    #[test]
    fn says_how_many_and_that_nothing_was_run() {
        let closing = |errors: usize, warnings: usize| {
            let mut all = Diagnostics::default();
            (0..errors).for_each(|_| all.push(Diagnostic::error("E0101", "")));
            (0..warnings).for_each(|_| all.push(Diagnostic::warning("W0501", "")));
            closing_line(&all)
        };
        assert_eq!(closing(2, 1), "2 errors, 1 warning - nothing was run.");
        assert_eq!(closing(1, 0), "1 error - nothing was run.");
        assert_eq!(closing(0, 2), "2 warnings");
        assert_eq!(render(&Diagnostics::default(), &Sources::default(), true), "");
    }

    #[test]
    fn suggests_only_what_is_near() {
        let names = ["rate.relapse", "rate.relapse.late", "cost.visit"];
        assert_eq!(suggest("rate.relapes", names.into_iter()), Some("rate.relapse"));
        assert_eq!(suggest("utility", names.into_iter()), None);
        assert_eq!(suggest("hr", ["or", "rr"].into_iter()), None);
    }
}
