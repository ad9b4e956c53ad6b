mod batch;
mod full;
mod lifecycle;
mod list;
mod live;
mod stream;
mod text;
