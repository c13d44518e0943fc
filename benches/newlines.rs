//! The floor: how fast can two passes over a file go if all they do is count its lines?
//!
//! `cargo bench --bench newlines -- FILE [THREADS]` prints the seconds of one pass.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};

const BLOCK: u64 = 1 << 18;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(path) = args.first() else { return };
    let threads = args.get(1).map_or(2, |n| n.parse().expect("a number of threads"));
    let file = File::open(path).expect("a file");
    let bytes = file.metadata().expect("its size").len();
    let (next, lines) = (AtomicU64::new(0), AtomicU64::new(0));
    let start = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut block = vec![0; BLOCK as usize];
                loop {
                    let offset = next.fetch_add(BLOCK, Ordering::Relaxed);
                    if offset >= bytes {
                        break;
                    }
                    let block = &mut block[..(bytes - offset).min(BLOCK) as usize];
                    file.read_exact_at(block, offset).expect("the file");
                    let count = memchr::memchr_iter(b'\n', block).count() as u64;
                    lines.fetch_add(count, Ordering::Relaxed);
                }
            });
        }
    });
    println!("{:.3} s, {} lines", start.elapsed().as_secs_f64(), lines.into_inner());
}
