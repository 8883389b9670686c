//! The API's own parsers, for the fuzz targets.

use ::web::Problem;
use actix_web::HttpRequest;
use serde_json::Value;
use store::DeadLetterFilter;

use super::dead_letters;
use super::parameters::{Parameters, name_after};
use crate::replayer::ReplayRequest;

/// What `/api/items` was asked for, in the words of its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemsAsked {
    /// `window`.
    pub window: &'static str,
    /// `sort`.
    pub sort: &'static str,
    /// `descending`.
    pub descending: bool,
    /// `limit`.
    pub limit: usize,
    /// `category`.
    pub category: Option<String>,
    /// `currency`.
    pub currency: Option<String>,
    /// `q`.
    pub search: Option<String>,
}

/// Reads the address of a list of items.
pub fn items(request: &HttpRequest) -> Result<ItemsAsked, Problem> {
    let query = Parameters::of(request)?.query()?;
    Ok(ItemsAsked {
        window: query.window.name(),
        sort: query.sort.name(),
        descending: query.descending,
        limit: query.limit,
        category: query.category,
        currency: query.currency.map(|currency| currency.to_string()),
        search: query.search,
    })
}

/// Reads the address of a list of dead letters.
pub fn letters(request: &HttpRequest) -> Result<DeadLetterFilter, Problem> {
    Parameters::of(request)?.letters()
}

/// The name in the path behind `prefix`.
pub fn name(prefix: &str, request: &HttpRequest) -> Result<String, Problem> {
    name_after(prefix, request)
}

/// Reads the body of a request to replay.
pub fn replay(body: Value) -> Result<ReplayRequest, Problem> {
    dead_letters::replay_of(body)
}
