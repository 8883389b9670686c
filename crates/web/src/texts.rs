//! Lists of texts in settings.

use serde::{Deserialize, Deserializer};

/// A list, or one text with commas between its parts, since the environment has no lists. For
/// `#[serde(deserialize_with = "web::texts::deserialize")]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "expected a list of texts, or one text with commas"
    )]
    enum Written {
        Text(String),
        List(Vec<String>),
    }
    let parts = match Written::deserialize(deserializer)? {
        Written::Text(text) => text.split(',').map(str::to_owned).collect(),
        Written::List(list) => list,
    };
    Ok(parts
        .iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect())
}
