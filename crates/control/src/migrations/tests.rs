#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use super::ALL;

#[test]
fn every_file_is_compiled_in_under_the_number_and_words_of_its_name() {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests"))
        .join("migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = ALL.map(|(number, what, sql)| {
        (format!("{number:04}_{}.sql", what.replace(' ', "_")), sql.to_owned())
    });
    let found: Vec<_> = files
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(file).unwrap())
        })
        .collect();
    assert_eq!(found, named);
}
