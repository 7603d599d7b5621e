//! The command line: everything it does lives in [`arcosim::cli`].

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    arcosim::cli::main()
}
