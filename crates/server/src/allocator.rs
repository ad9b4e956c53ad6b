//! The allocator, and how freed memory gets back to the system.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// More than mimalloc lets share a page, which is 512 KiB.
const ALONE: usize = 1 << 20;

/// Has mimalloc give back what has been free for a second. To be called every now and then.
///
/// By itself it looks for that only when a thread has freed all that it had in one of its pages. When
/// the last rows of a burst go, all of their memory goes at once; nothing of that has been free for a
/// second then, and on an idle server no page may be freed for hours.
pub(crate) fn give_back() {
    // A page by itself, of which nothing is touched.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(ALONE)));
}
