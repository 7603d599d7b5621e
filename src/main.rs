//! Entry point of the `arcosim` program, which calls the command line in [`arcosim::cli`].

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    arcosim::cli::main()
}
