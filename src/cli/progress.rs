//! Progress on stderr: a bar on a terminal, a line every ten seconds in a log.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::analysis::Observer;
use arcosim_core::words::grouped;

/// Time between two progress lines in a log.
const INTERVAL: Duration = Duration::from_secs(10);

/// Form of the progress output.
pub enum Progress {
    /// No output.
    Quiet,
    /// A bar on a terminal.
    Bar(ProgressBar),
    /// Lines in a log.
    Lines(Lines),
}

/// State of progress that is reported as lines in a log.
pub struct Lines {
    total: AtomicU64,
    /// Name of the items that are counted, for example "patients".
    things: &'static str,
    done: AtomicU64,
    began: Instant,
    last: Mutex<Instant>,
}

/// Verb in the progress line for items with this name.
fn doing(things: &str) -> &'static str {
    match things {
        "checks" => "Checking",
        _ => "Simulating",
    }
}

impl Progress {
    /// Creates the progress output for `patients` simulated patients.
    pub fn new(quiet: bool, patients: u64) -> Progress {
        Progress::counting(quiet, patients, "patients")
    }

    /// Creates the progress output for `total` items with this name.
    pub fn counting(quiet: bool, total: u64, things: &'static str) -> Progress {
        if quiet {
            return Progress::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            let began = Instant::now();
            return Progress::Lines(Lines {
                total: AtomicU64::new(total),
                things,
                done: AtomicU64::new(0),
                began,
                last: Mutex::new(began),
            });
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let form = format!(
            "  {} {{bar:30}} {{human_pos}} of {{human_len}} {things}  {{per_sec}}  {{eta}} left",
            doing(things)
        );
        if let Ok(style) = ProgressStyle::with_template(&form) {
            bar.set_style(style);
        }
        Progress::Bar(bar)
    }
}

impl Observer for Progress {
    fn expect(&self, total: u64) {
        match self {
            Progress::Quiet => {}
            Progress::Bar(bar) => bar.set_length(total),
            Progress::Lines(lines) => lines.total.store(total, Ordering::Relaxed),
        }
    }

    fn advance(&self, more: u64) {
        match self {
            Progress::Quiet => {}
            Progress::Bar(bar) => bar.inc(more),
            Progress::Lines(lines) => lines.advance(more),
        }
    }

    fn say(&self, verb: &str, text: &str) {
        let line = format!("{verb:>12} {text}");
        match self {
            Progress::Quiet => {}
            Progress::Bar(bar) => bar.suspend(|| say(&line)),
            Progress::Lines(_) => say(&line),
        }
    }

    fn finish(&self) {
        if let Progress::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Lines {
    fn advance(&self, patients: u64) {
        let done = self.done.fetch_add(patients, Ordering::Relaxed) + patients;
        // The line is skipped if another thread has the lock, because that thread prints it.
        if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= INTERVAL
        {
            *last = Instant::now();
            let rate = done as f64 / self.began.elapsed().as_secs_f64();
            let total = self.total.load(Ordering::Relaxed);
            let left = total.saturating_sub(done) as f64 / rate;
            say(&format!(
                "{:>12} {} of {} {}, {} per second, about {left:.0} s left",
                doing(self.things),
                grouped(done),
                grouped(total),
                self.things,
                grouped(rate as u64)
            ));
        }
    }
}

fn say(line: &str) {
    super::complain(line);
}
