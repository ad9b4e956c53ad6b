//! A flipped bit is noticed, or hits nothing that was acknowledged.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tracekeep_journal::OpenError;

use crate::model::{Disk, Trouble};
use crate::story::{Story, small_options};

/// Groups of blocks over a few segments, with restarts in between.
fn write(story: &mut Story, groups: &[(usize, usize)]) {
    story.open().unwrap();
    for (index, (count, size)) in groups.iter().enumerate() {
        story.burst(*count, *size);
        if index % 5 == 4 {
            story.close();
            story.open().unwrap();
        }
    }
}

/// Flips a bit somewhere, opens, and checks what that says.
fn flip_and_open(story: &mut Story, file: Index, bit: Index) {
    let segments = story.disk.segments();
    let (name, bytes) = &segments[file.index(segments.len())];
    let bit = bit.index(bytes * 8);
    story.disk.flip(name, bit);
    match story.open() {
        // The story has checked that everything promised is there.
        Ok(()) => {}
        Err(OpenError::Corrupt { file, offset, .. }) => {
            assert!(file.ends_with(Path::new(name)), "{file:?} is not {name}");
            assert!(offset <= bit as u64 / 8, "{offset} is behind {bit}");
        }
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #[test]
    fn after_a_clean_close_no_flipped_bit_loses_anything_silently(
        groups in vec((1..5_usize, 8..1500_usize), 1..12),
        file in any::<Index>(),
        bit in any::<Index>(),
        seed in any::<u64>(),
    ) {
        let mut story = Story::new(Disk::new(512, seed), small_options());
        write(&mut story, &groups);
        story.close();
        flip_and_open(&mut story, file, bit);
    }

    #[test]
    fn after_a_crash_only_the_last_group_can_go_silently(
        groups in vec((1..5_usize, 8..1500_usize), 1..12),
        file in any::<Index>(),
        bit in any::<Index>(),
        seed in any::<u64>(),
    ) {
        let mut story = Story::new(Disk::new(512, seed), small_options());
        write(&mut story, &groups);
        story.go_down(Trouble::PowerCut);
        if let Some(group) = story.last_group() {
            story.excuse(group);
        }
        flip_and_open(&mut story, file, bit);
    }
}

#[test]
fn every_bit_of_a_closed_journal_is_guarded() {
    let open = || {
        let mut story = Story::new(Disk::new(512, 1), small_options());
        story.open().unwrap();
        story.append(40).unwrap();
        story.append(20).unwrap();
        story.close();
        story
    };
    let (name, bytes) = open().disk.segments().remove(0);
    // What the seal says is of use only where something before it is damaged.
    let seal = bytes - 40;
    for bit in 0..bytes * 8 {
        let mut story = open();
        story.disk.flip(&name, bit);
        let opened = story.open();
        assert_eq!(opened.is_err(), bit / 8 < seal, "bit {bit}: {opened:?}");
    }
}
