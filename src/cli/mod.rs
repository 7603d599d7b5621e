//! The command line: from what was asked to the function that does it, and from what happened to an exit code.

mod args;
mod bundle;
mod check;
mod command_line;
mod commands;
mod diff;
mod dsa;
mod explain;
mod new;
mod progress;
mod psa;
mod reproduce;
mod run;
mod session;
mod verify;

use std::io::Write;
use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser;

use crate::analysis::Refusal;
use crate::output::recorded::Unusable;
use crate::output::{FileError, WriteError};
use arcosim_core::words::printable;
use commands::{Args, dispatch};

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Done,
    /// A check of the results failed; everything was written.
    Findings,
    /// The scenario or the command line is wrong; the message has been or is this.
    Usage(String),
    /// The system refused a file or the threads.
    System(String),
    /// A mistake of ours.
    Internal(String),
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// How a command ends that printed its results: with findings, unless its checks pass.
    fn or_findings(self, pass: bool) -> Exit {
        match self {
            Exit::Done if !pass => Exit::Findings,
            other => other,
        }
    }
}

impl From<Refusal> for Exit {
    fn from(refusal: Refusal) -> Exit {
        match refusal {
            Refusal::Question(why) => Exit::Usage(why),
            Refusal::File(why) => Exit::System(why),
            Refusal::Stopped => Exit::Interrupted,
        }
    }
}

impl From<WriteError> for Exit {
    fn from(error: WriteError) -> Exit {
        match error {
            WriteError::File(error) => Exit::from(error),
            WriteError::Stopped => Exit::Interrupted,
            WriteError::Figure(text) => Exit::Internal(text),
        }
    }
}

impl From<Unusable> for Exit {
    fn from(why: Unusable) -> Exit {
        match why {
            Unusable::Foreign(text) => Exit::Usage(text),
            Unusable::File(error) => Exit::from(error),
            Unusable::Stopped => Exit::Interrupted,
        }
    }
}

impl From<FileError> for Exit {
    fn from(error: FileError) -> Exit {
        Exit::System(error.to_string())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are answers (0), the rest is a wrong command line (2).
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let (code, text) = outcome(guarded(|| dispatch(args).unwrap_or_else(|exit| exit)));
    if !text.is_empty() {
        complain(&text);
    }
    ExitCode::from(code)
}

/// Does the work. A panic in it is our mistake: say so in one line, and where, without a trace.
fn guarded(work: impl FnOnce() -> Exit + panic::UnwindSafe) -> Exit {
    static PLACE: Mutex<String> = Mutex::new(String::new());
    panic::set_hook(Box::new(|info| {
        if let (Ok(mut place), Some(at)) = (PLACE.lock(), info.location()) {
            let file = at.file().rsplit(['/', '\\']).next().unwrap_or_default();
            *place = format!("{} ({file}:{})", message(info.payload()), at.line());
        }
    }));
    panic::catch_unwind(work).unwrap_or_else(|payload| {
        let place = PLACE.lock().map(|p| p.clone()).unwrap_or_default();
        Exit::Internal(if place.is_empty() { message(&*payload) } else { place })
    })
}

/// The exit code, and what is left to say.
fn outcome(exit: Exit) -> (u8, String) {
    match exit {
        Exit::Done => (0, String::new()),
        Exit::Findings => (1, String::new()),
        Exit::Usage(text) => (2, text),
        Exit::System(text) => (3, text),
        Exit::Internal(text) => (
            4,
            format!(
                "internal error: {text}\nThis is a mistake in arcosim, not in your scenario. Please report it with the scenario. Nothing was written."
            ),
        ),
        Exit::Interrupted => (130, "interrupted; nothing was written".to_string()),
    }
}

/// `arcosim schema`.
fn schema() -> Result<Exit, Exit> {
    match serde_json::to_string_pretty(&crate::scenario::json_schema()) {
        Ok(text) => Ok(print(&format!("{text}\n"))),
        Err(error) => Err(Exit::Internal(error.to_string())),
    }
}

/// Writes results to stdout. A reader that closes the pipe (`| head`) has seen enough.
fn print(text: &str) -> Exit {
    let mut out = std::io::stdout().lock();
    match out.write_all(for_terminal(text).as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => Exit::System(format!("cannot write to stdout: {error}")),
    }
}

/// Writes a message to stderr.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", for_terminal(text.trim_end()));
}

/// A text that commands no terminal: of all control characters only line ends come through, whatever a file is called.
/// Diagnostics alone go past here, as they are coloured; they make each of their parts printable themselves.
fn for_terminal(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| s.to_string());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing that a user can type should end like this, so there is no command line to test it with.
    #[test]
    fn a_panic_becomes_one_message_and_exit_code_4() {
        let (code, text) = outcome(guarded(|| panic!("{} is not {}", 1, 2)));
        let _ = panic::take_hook();
        assert_eq!(code, 4);
        let line = "internal error: 1 is not 2 (mod.rs:";
        assert!(text.starts_with(line), "{text}");
        assert!(text.contains("mistake in arcosim, not in your scenario"), "{text}");
        assert!(!text.contains("panicked"), "{text}");
    }
}
