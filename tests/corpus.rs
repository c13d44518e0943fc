//! What fuzzing has found, once more: inputs that reach every corner it has come to, and those that
//! failed once.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::Path;

#[test]
fn the_corpora_of_fuzzing_pass() {
    for (name, target) in targets::ALL {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let files: Vec<_> = std::fs::read_dir(&corpus).unwrap().collect();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            target(&std::fs::read(path).unwrap());
        }
    }
}
