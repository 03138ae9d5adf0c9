//! `nebulalinks-sandbox`: the whole of NebulaLinks on one machine, and its scenarios.

#[macro_use]
mod say;

mod cli;
mod clock;
mod page;
mod process;
mod scenario;
mod simulate;
mod system;
mod torture;
mod trouble;

fn main() -> std::process::ExitCode {
    cli::main()
}
