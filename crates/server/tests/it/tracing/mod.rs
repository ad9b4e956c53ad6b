mod batch;
mod lifecycle;
mod list;
mod live;
mod stream;
