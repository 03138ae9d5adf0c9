//! Whatever stands in one of the four files: a refusal has a place inside of the text, and what is
//! accepted passes every rule once more.
//!
//! Input: a byte that says which file, then its bytes; the other three are the shop's own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_core::catalog::{Options, Source, check};
use nebulalinks_fuzz::catalog::{check_accepted, check_problem, file, shipped};

fuzz_target!(|data: &[u8]| {
    let Some((which, bytes)) = data.split_first() else { return };
    let mut files = shipped();
    files.set(file(*which), Source::from_bytes(bytes.to_vec()));
    let checked = check(&files, &Options::default());
    match &checked.catalog {
        Ok(catalog) => {
            check_accepted(&files, catalog);
            // Read again, or held against itself, nothing is different.
            assert_eq!(check(&files, &Options::default()), checked);
            let options = Options { previous: Some(catalog), ..Options::default() };
            assert_eq!(check(&files, &options).catalog.as_ref(), Ok(catalog));
        }
        Err(problems) => {
            assert!(problems.count() > 0);
            problems.iter().for_each(|problem| check_problem(&files, problem));
        }
    }
});
