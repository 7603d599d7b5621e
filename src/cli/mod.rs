//! The command line: parses arguments, runs the command and returns the exit code.

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

/// Outcome of a command; each variant has its own exit code.
#[derive(Debug, PartialEq, Eq)]
enum Exit {
    /// The command succeeded.
    Done,
    /// All files were written, but a check of the results failed.
    Findings,
    /// The scenario or the command line is wrong; the text is empty if the message has been printed already.
    Usage(String),
    /// The operating system refused a file or the threads.
    System(String),
    /// A defect of this program.
    Internal(String),
    /// The user interrupted the command with Ctrl-C.
    Interrupted,
}

impl Exit {
    /// Turns the success of a command into `Findings` if the checks of its results did not pass.
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
            // Requests for help and the version end with exit code 0; all other errors are usage errors (exit code 2).
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

/// Runs a command. A panic is a defect of this program, and is reported in one line with its place in the source and
/// without a stack trace.
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

/// Exit code of the process, and the message that is still to be printed.
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

/// Runs `arcosim schema`.
fn schema() -> Result<Exit, Exit> {
    match serde_json::to_string_pretty(&crate::scenario::json_schema()) {
        Ok(text) => Ok(print(&format!("{text}\n"))),
        Err(error) => Err(Exit::Internal(error.to_string())),
    }
}

/// Writes to stdout. A closed pipe (`| head`) is not an error.
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

/// Removes all control characters except line ends, so that no file name can send commands to the terminal. Diagnostics
/// are not filtered here because they contain colour codes; their parts are made printable when they are rendered.
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

    /// No command line is known that ends in an internal error, so the exit code is tested with a panic.
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
