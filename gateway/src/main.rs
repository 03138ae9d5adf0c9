//! `nebulalinks-gateway`: the gateway as a service.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
