//! The command line: everything it does lives in [`arcosim::cli`].

fn main() -> std::process::ExitCode {
    arcosim::cli::main()
}
