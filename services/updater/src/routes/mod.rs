//! The routes file: which events become which calls. Read and checked whole by [`load`], used through [`Routes`],
//! replaced while running through [`RoutesHandle`]. `config/routes.yaml` explains the format by example.

mod address;
mod auth;
mod destination;
mod event_read;
pub mod expression;
mod fields;
pub(crate) mod header;
mod load;
mod mistake;
mod model;
mod reload;
mod response;
mod route;
mod schema;
mod suggestion;
mod text_place;
mod yaml;

#[cfg(test)]
mod tests;

pub use address::is_forbidden;
pub use event_read::EventRead;
pub use load::{load, load_with};
pub use mistake::Mistake;
pub use model::{
    AnswerClass, Auth, Destination, Each, GoogleToken, Limits, Method, Mode, Rate, Repeat,
    ResponseOverride, Route, Routes, StatusPattern,
};
pub use reload::RoutesHandle;
pub use schema::routes_schema;
