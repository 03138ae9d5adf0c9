//! How many worlds a property test looks at.
//!
//! `PROPTEST_CASES=5000 just test laws` looks at more, `PROPTEST_RNG_SEED=7` at others: without it
//! each run looks at the same, so that a change is refused for what it broke and nothing else.
//! What is found is not left to a file of seeds, whose meaning a change of the strategy changes: it
//! becomes a test of its own beside the property.

use proptest::test_runner::{Config, RngSeed};

/// So many worlds, unless the environment says how many or which.
pub(crate) fn cases(usually: u32) -> Config {
    let says = |name| std::env::var_os(name).is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !says("PROPTEST_CASES") {
        config.cases = usually;
    }
    if !says("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config
}
