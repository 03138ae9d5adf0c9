//! How many worlds a property test looks at.
//!
//! `PROPTEST_CASES=5000 just test laws` looks at more, `PROPTEST_RNG_SEED=7` at others: without it
//! each run looks at the same (`.cargo/config.toml`), so that a change is refused for what it broke.
//! What is found is not left to a file of seeds, whose meaning a change of the strategy changes: it
//! becomes a test of its own beside the property.

use proptest::test_runner::Config;

/// So many worlds, unless the environment says how many.
pub(crate) fn cases(usually: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let known = Config { failure_persistence: None, ..Config::default() };
    if asked { known } else { Config { cases: usually, ..known } }
}
