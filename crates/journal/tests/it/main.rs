//! The journal against a disk that fails, forgets and rots, and against a real one.

#![allow(clippy::unwrap_used)]

mod concurrency;
mod crash;
mod failure;
mod idle;
mod kill;
mod limits;
mod model;
mod rot;
mod story;
