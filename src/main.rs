//! The `nebulalinks` program: see [`nebulalinks::cli`].

fn main() -> std::process::ExitCode {
    nebulalinks::cli::main()
}
