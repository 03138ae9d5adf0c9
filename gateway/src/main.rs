//! `nebulalinks-gateway`: the gateway as a service.
//! Entry.
mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
